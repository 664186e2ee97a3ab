"""A failure as data: rows, each of a kind, and the mistakes that explain it.

A row's `kind` says what it holds:

- why the check has no result, shown instead of its title (`INSTEAD_OF_TITLE`);
- the case: `called`, `got`, `expected` (or `other`, if that is another answer of the learner's code), `differs`,
  `weights`;
- what the exercise calls otherwise: `names`; a small fault in one line: `slip`;
- what the learner's code did instead of returning a result: `raised`, `stopped`, `died`, `at`, `problem`, `missing`,
  `standins`;
- that its cause was said before: `again`, `same_mistake`, which `repeats` makes;
- what to do next: `hint`, `open`, `see`, `rerun`.

A new kind needs no change here: it is shown under its own name, and withheld from students who may not see everything
until `visible_to_student` lists it.
"""

from __future__ import annotations

import msgspec

OTHER_NAMES = "other names"
"""The category of a check that fails only because of names."""

INSTEAD_OF_TITLE = frozenset(
    {
        "not_written",
        "absent",
        "not_imported",
        "import_stopped",
        "import_died",
        "not_built",
        "not_run",
        "given_up",
        "fault",
        "broken",
    }
)


MISSING_RESULT = "None: is a `return` missing?"
"""The text of a `got` row if nothing was returned."""
NOTHING, NONE_TYPE, SHAPES = "None", "NoneType", "shapes"
"""In a row's `about`: a result is missing, a missing result was used, or shapes don't go together."""


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a learner's code.

    `line` counts from 1 in the file `module`.py, or in the notebook's cell if `cell` names one.
    """

    module: str
    line: int
    function: str
    code: str
    cell: str = ""


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact about a failure.

    `lines` are its text. `places` are positions in the learner's code, the outermost first. `exercise` is the exercise
    whose file or lesson the row is about. `order` lists the numbers of the lines, the most important first, for a
    reader that can't show them all; `more` counts lines that were dropped because there were too many. `about` names,
    for code, what the row is about: the function in `called`, the exception's class in `raised` (and `NoneType` if a
    missing result was used, and `shapes` if shapes don't go together), and `None` in `got` if nothing was returned.
    """

    kind: str
    lines: tuple[str, ...] = ()
    places: tuple[Position, ...] = ()
    exercise: str = ""
    order: tuple[int, ...] = ()
    more: int = 0
    about: tuple[str, ...] = ()


MEASURED = "measured_"
"""What the names of facts begin with, so that they can be told from mistakes of the catalog."""


RAISES = "raises"
"""The word with which a fact speaks of an exception."""


class Mistake(msgspec.Struct, frozen=True):
    """A mistake: its name in the catalog or of a fact, what the learner did, why it is wrong, and where to look."""

    name: str
    did: str
    why: str
    hint: str

    @property
    def is_measured(self) -> bool:
        """Say whether this is a fact that was measured, and not a mistake of the catalog."""
        return self.name.startswith(MEASURED)
