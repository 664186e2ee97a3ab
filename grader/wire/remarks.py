"""Remarks about a learner's modules: what they import or do at module level that isn't possible where checks run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

Kind = Literal[
    "package",
    "broken package",
    "file",
    "module",
    "name",
    "data",
    "network",
    "asyncio",
    "process",
    "gpu",
    "magic",
    "use",
    "statement",
]

MAX_REMARKS = 10
MAX_NAME = 120
MAX_LINE = 10**7


class Remark(msgspec.Struct, frozen=True):
    """Something in a module that doesn't get what it asks for.

    Attributes:
        kind: what is missing: a package, or one that can be imported; a file that is imported, or a file or a package,
            which can't be told apart; a name in the other files; a file that is opened; the network, asyncio, another
            process, a GPU. A `magic` isn't Python, a `use` is one of something that
            couldn't be imported, and a `statement` failed for any other reason.
        module: the module's name.
        line: the line in the module.
        name: what is missing; for a statement, its error.
        source: the first line of the statement.
    """

    kind: Kind
    module: str
    line: int
    name: str
    source: str = ""

    @property
    def left_out(self) -> bool:
        """Whether the statement has no effect; otherwise it is an import of which something is missing."""
        return self.kind not in ("package", "broken package", "file", "module", "name")


def reason(kind: Kind, name: str, module: str = "") -> str:
    """Say what is missing, as a clause that begins with a small letter."""
    beside = f" next to {module}.py" if module else ""
    match kind:
        case "package":
            return f"the package `{name}` isn't installed where the checks run"
        case "broken package":
            return f"the package `{name}` can't be imported where the checks run"
        case "file":
            return f"there is no file {name}.py{beside}"
        case "module":
            return f"there is no file {name}.py{beside}, and no package `{name}` where the checks run"
        case "name":
            return f"none of the other files defines `{name}`"
        case "data":
            return f"there is no file {name} where the checks run"
        case "network":
            return "it needs the network, and the checks run without one"
        case "asyncio":
            return "it uses asyncio, which needs a socket, and the checks run without any"
        case "process":
            return "it starts another process, and the checks run in a single one"
        case "gpu":
            return "it needs a GPU, and the checks run without one"
        case "magic":
            return "only a notebook understands it"
        case "use":
            return name
        case "statement":
            return f"it raised {name}"


def to_plain(remarks: Sequence[Remark]) -> list[list[str | int]] | None:
    """Write remarks as plain data; None if there are none."""
    return [list(msgspec.structs.astuple(remark)) for remark in remarks[:MAX_REMARKS]] or None


def from_plain(value: object) -> list[Remark]:
    """Read remarks from plain data of a process that isn't trusted; leave out whatever isn't one."""
    rows = value if isinstance(value, list) else []
    return [remark for row in rows[:MAX_REMARKS] if (remark := _remark(row)) is not None]


def _remark(row: object) -> Remark | None:
    match row:
        case [str() as kind, str() as module, int() as line, str() as name, str() as source]:
            if kind in get_args(Kind) and module.isidentifier() and 0 <= line <= MAX_LINE:
                return Remark(kind, module[:MAX_NAME], line, _clean(name), _clean(source))  # type: ignore[arg-type]
    return None


def _clean(text: str) -> str:
    line = " ".join(text[: 4 * MAX_NAME].split())
    shown = "".join(character if character.isprintable() else "?" for character in line)
    return shown if len(shown) <= MAX_NAME else f"{shown[: MAX_NAME - 1]}…"
