"""The first failure of a run as a program, for `python` and a debugger."""

from __future__ import annotations

import ast
import os
import textwrap
from collections.abc import Sequence
from pathlib import Path

from grader.checks.outcome import Outcome
from grader.course import Check, Course
from grader.port.port import SEED
from grader.study.folder import write

FILE = Path("desk", "last_failure.py")
"""Where the program is, in the course's folder."""
SHOWN = ("got", "raised", "expected", "other", "differs")
_NOTHING = '''\
"""What stands here after a run without a failure that can be repeated as a program."""

print("In the last run, nothing failed that can be repeated as a program.")
'''
_PROGRAM = '''\
"""{title}

`pytest` wrote this file, because {check} of {exercise} failed:

{rows}

    python {file}          runs the case
    python {file} --pdb    stops before the last call, in Python's debugger: s steps into your code, n goes line by line
"""

import bdb
import contextlib
import pdb
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

{imports}


def case():
{lines}


if __name__ == "__main__":
    torch.manual_seed({seed})
    if "--pdb" in sys.argv:
        debugger = pdb.Pdb(skip=["torch.*", "grader.*"])
        debugger.rcLines += {first_commands}
        with contextlib.suppress(bdb.BdbQuit):
            debugger.runcall(case)
    else:
        case()
'''


def save_last_failure(course: Course, results: Sequence[tuple[Check, Outcome]], here: Path) -> str:
    """Write the first failure that has a case, and return a sentence about it.

    Without one, a program of an earlier run is replaced by one that says so.

    Args:
        course: the course.
        results: the checks that ran.
        here: the folder from which somebody will run the program.

    Raises:
        StateError: the file can't be written.
    """
    path = course.root / FILE
    failed = [(check, outcome) for check, outcome in results if outcome.status in ("failed", "timeout")]
    text = next((text for check, outcome in failed if (text := program(check, outcome))), "")
    if not text:
        if path.is_file():
            write(path, _NOTHING.encode())
        return ""
    write(path, text.encode())
    shown = os.path.relpath(path, here) if course.root in here.parents else str(FILE)
    return f"The first failure as a program: python {Path(shown).as_posix()} (with --pdb: in Python's debugger)"


def program(check: Check, outcome: Outcome) -> str:
    """Write the case of a failed check as a program that prints the value of its last line; empty if it has none."""
    statements = outcome.counterexample.splitlines()
    try:
        last = ast.parse(outcome.counterexample).body[-1:]
    except SyntaxError:
        # A value of the case can't be written in Python.
        return ""
    if not last:
        return ""
    imports = [line for line in statements if line.startswith(("import ", "from "))]
    lines = [line for line in statements if line not in imports]
    if isinstance(last[0], ast.Expr) and last[0].lineno == len(statements):
        lines[-1] = f"print({lines[-1]})"
    rows = [f"{row.kind}: {line}" for row in outcome.rows if row.kind in SHOWN for line in row.lines]
    parts = dict(
        title=_in_docstring(f"Expected: {check.title}"),
        check=check.id,
        exercise=check.exercise,
        rows=_in_docstring(textwrap.indent("\n".join(rows), "    ")),
        file=FILE.as_posix(),
        imports="\n".join(dict.fromkeys(["import torch", *imports])),
        seed=SEED,
        lines=textwrap.indent("\n".join(lines), "    "),
    )
    last_line = _PROGRAM.partition("\n\n\nif __name__")[0].format(**parts).count("\n") + 1
    return _PROGRAM.format(**parts, first_commands=[f"until {last_line}"] if len(lines) > 1 else [])


def _in_docstring(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', "'''")
