"""Runs a learner's lines on two versions of their modules, one with a bug, and says whether the answers differ.

Both versions run in a process of their own (`python -m grader.practice.showing`), with a time limit and fixed seeds.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import math
import random
import re
import subprocess
import sys
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

import msgspec

SECONDS = 10.0
"""The limit for the lines on one version."""
START = 60.0
"""Seconds that the process may take for everything else."""
LONGEST = 400
SEED = 20240229


class Order(msgspec.Struct, frozen=True):
    """What to run: the learner's lines, the files of both versions, and the modules whose names the lines may use."""

    code: str
    right: dict[str, str]
    planted: dict[str, str]
    modules: list[str]


class Shown(msgspec.Struct, frozen=True):
    """What came out.

    Attributes:
        differ: whether the answers differ, and differ because of the bug.
        sentence: what both versions did.
    """

    differ: bool
    sentence: str


@dataclass(frozen=True)
class Outcome:
    """What lines did on one version: the value of the last one, what they printed, or the exception."""

    value: Any = None
    printed: str = ""
    error: str = ""
    message: str = ""

    def in_words(self) -> str:
        """Say what the lines did."""
        if self.error:
            return f"raises {self.error}{f': {self.message}' if self.message else ''}"
        value = "" if self.value is None and self.printed else f"gives {_short(repr(self.value))}"
        return value or f"prints {_short(self.printed.strip())}"


def compare(order: Order) -> Shown:
    """Run lines on both versions in another process, and compare."""
    command = [sys.executable, "-m", __spec__.name if __spec__ is not None else __name__]
    environment_path = str(Path(__file__).resolve().parents[2])
    program = f"import sys; sys.path.insert(0, {environment_path!r}); from {command[2]} import main; main()"
    try:
        run = subprocess.run(
            [sys.executable, "-c", program],
            input=msgspec.json.encode(order),
            capture_output=True,
            timeout=START + 3 * SECONDS,
        )
        return msgspec.json.decode(run.stdout.rpartition(b"\n")[2], type=Shown)
    except subprocess.TimeoutExpired:
        return Shown(False, "There was no answer in time. Try smaller inputs.")
    except msgspec.DecodeError:
        return Shown(False, "The process that ran your lines ended without an answer. Try smaller inputs.")


def main() -> None:
    """Read an order from the standard input, carry it out, and write what came out."""
    answers = sys.stdout.buffer
    shown = carry_out(msgspec.json.decode(sys.stdin.buffer.read(), type=Order))
    answers.write(b"\n" + msgspec.json.encode(shown))
    answers.flush()


def carry_out(order: Order) -> Shown:
    """Run lines on both versions in this process, twice on the right one, and compare."""
    import torch

    torch.set_num_threads(1)
    torch.set_printoptions(threshold=40, edgeitems=2)  # type: ignore[no-untyped-call]
    try:
        code = _compiled(order.code)
    except (SyntaxError, ValueError) as error:
        return Shown(False, f"This isn't Python: {error}. Give an expression, or lines of which the last is one.")
    right, again, planted = (_run(code, files, order.modules) for files in (order.right, order.right, order.planted))
    if not same(right, again):
        return Shown(
            False, "Your own code doesn't give the same twice here. Leave out the time, or what is random by itself."
        )
    if same(right, planted):
        return Shown(False, f"Both versions do the same here: the one with the bug {planted.in_words()}, too.")
    return Shown(True, f"With the bug it {planted.in_words()}. Your own code {right.in_words()}.")


def same(first: Any, second: Any) -> bool:
    """Say whether two values are the same, apart from rounding."""
    import numpy as np
    import torch

    from grader.tolerance import FLOAT32, tolerance_for

    if isinstance(first, torch.nn.Module) and isinstance(second, torch.nn.Module):
        return same(_of_module(first), _of_module(second))
    if type(first).__name__ != type(second).__name__:
        return False
    match first:
        case Outcome():
            return (first.error, first.printed) == (second.error, second.printed) and same(first.value, second.value)
        case torch.Tensor():
            about = [(x.shape, x.dtype, x.requires_grad) for x in (first, second)]
            if about[0] != about[1]:
                return False
            one, other = first.detach(), second.detach()
            if not one.is_floating_point() or not one.numel():
                return bool(torch.equal(one, other))
            one, other = one.double(), other.double()
            finite = one.isfinite() & other.isfinite()
            if not torch.equal(one[~finite].nan_to_num(), other[~finite].nan_to_num()):
                return False
            largest = max([0.0, *one[finite].abs().tolist()])
            apart = max([0.0, *(one[finite] - other[finite]).abs().tolist()])
            return bool(apart <= tolerance_for(first.dtype).bound(largest))
        case np.ndarray():
            return same(torch.as_tensor(first), torch.as_tensor(second)) if first.dtype != object else True
        case float():
            alike = math.isnan(first) and math.isnan(second)
            return alike or first == second or abs(first - second) <= FLOAT32.bound(abs(first))
        case list() | tuple():
            return len(first) == len(second) and all(map(same, first, second))
        case dict():
            return list(first) == list(second) and all(same(first[key], second[key]) for key in first)
        case bool() | int() | str() | bytes() | set() | frozenset() | torch.Size() | torch.dtype():
            return bool(first == second)
    return True


def _of_module(module: Any) -> dict[str, Any]:
    buffers = {f"buffer {name}": buffer for name, buffer in module.named_buffers()}
    return {"training": module.training, **dict(module.named_parameters()), **buffers}


def _compiled(text: str) -> CodeType:
    """Compile lines so that the value of the last one, if it is an expression, gets the name `_answer`."""
    tree = ast.parse(text.strip())
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        target = ast.Name("_answer", ast.Store())
        tree.body[-1] = ast.Assign([target], last.value)
        ast.copy_location(tree.body[-1], last)
        ast.fix_missing_locations(tree)
    return compile(tree, "<your lines>", "exec")


def _run(code: CodeType, files: Mapping[str, str], modules: Sequence[str]) -> Outcome:
    import numpy as np
    import torch

    from grader.learner.limits import TimeIsUp, limited
    from grader.learner.workspace import Workspace

    workspace = Workspace({name: Path(path) for name, path in files.items()})
    printed = io.StringIO()

    def find(name: str, *others: Any) -> Any:
        last = re.sub(r"^(exercises|bugs)\.", "", name)
        return workspace.module(last) if last in files else builtins.__import__(name, *others)

    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings(action="ignore"), limited(SECONDS):
            names: dict[str, Any] = {"torch": torch, "nn": torch.nn, "tensor": torch.tensor, "math": math}
            names["__builtins__"] = vars(builtins) | {"__import__": find}
            for name in modules:
                module = workspace.module(name)
                names |= {key: value for key, value in vars(module).items() if not key.startswith("__")}
                names[name] = names.get(name, module)
            names["__builtins__"] = vars(builtins) | {"__import__": find}
            torch.manual_seed(SEED)
            random.seed(SEED)
            np.random.seed(SEED)
            exec(code, names)
    except TimeIsUp:
        return Outcome(error="TimeIsUp", message=f"it doesn't return within {SECONDS:g} s")
    except (Exception, SystemExit) as error:
        message = traceback.format_exception_only(error)[-1].partition(": ")[2].strip()
        return Outcome(printed=printed.getvalue(), error=type(error).__name__, message=_short(message))
    return Outcome(names.get("_answer"), printed.getvalue())


def _short(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


if __name__ == "__main__":
    main()
