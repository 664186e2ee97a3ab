"""The project keeps its rules: students' files give nothing away, exports are honest, nothing is untold."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from grader.course import Course
from grader.sandbox.launch import MOUNTED

ROOT = Path(__file__).resolve().parents[2]


def imported(path: Path) -> set[str]:
    """List the modules that a file imports, by their full names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_the_grader_knows_no_exercise_by_name(course: Course) -> None:
    """No line of the grader's code names an exercise."""
    for path in sorted((ROOT / "grader").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        words |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for exercise in course.exercises:
            assert exercise.id not in words, f"{path} names {exercise.id}"


SEARCHES = {"split", "splitlines", "rsplit", "partition", "rpartition", "find", "index", "startswith", "endswith"}
SEARCHES |= {"replace", "removeprefix", "removesuffix", "match", "fullmatch", "search", "sub", "findall", "finditer"}
TEXTS = {"message", "diagnosis", "failure_text", "in_brief", "in_full_or_brief", "rows_as_text", "did"}
RENDERERS = {"grader/failures/as_text.py", "grader/failures/as_notebook.py"}


def searched_texts(tree: ast.AST) -> list[int]:
    """List the lines in which code splits or searches a failure's text."""
    found = []
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SEARCHES:
            parts = [node.func.value, *node.args]
        elif isinstance(node, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
            parts = list(node.comparators)
        inner = [name for part in parts for name in ast.walk(part)]
        names = {one.id for one in inner if isinstance(one, ast.Name)}
        names |= {one.attr for one in inner if isinstance(one, ast.Attribute)}
        found += [node.lineno for node in [node] if names & TEXTS and isinstance(node, ast.expr)]
    return found


def test_only_renderers_split_or_search_what_is_said_of_a_failure() -> None:
    """No other code takes a message or a mistake's sentence apart: what it needs is in the rows."""
    for folder in ("grader", "capstone", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.relative_to(ROOT).as_posix() not in RENDERERS:
                assert not searched_texts(ast.parse(path.read_text(encoding="utf-8"))), path
    for taken_apart in ("outcome.message.splitlines()", "re.sub('a', '', check.diagnosis)", "'got' in message(shown)"):
        assert searched_texts(ast.parse(taken_apart)), taken_apart


def test_visible_checks_import_nothing_that_does_not_ship(course: Course) -> None:
    """A student's copy has neither solutions nor hidden checks, so visible checks cannot use them."""
    for path in sorted(course.check_folder("visible").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not any(name.startswith(("solutions", "tests.hidden", "tests.kit")) for name in imported(path)), path
        assert "reference:" not in text, f"{path} asks for the reference"


def test_stand_ins_import_torch_alone(course: Course) -> None:
    """A stand-in is made of torch's own operations."""
    for path in sorted(course.standins.glob("*.py")):
        assert all(name.split(".")[0] == "torch" for name in imported(path)), path


def test_the_capstones_stand_ins_give_nothing_away(course: Course) -> None:
    """They are made of torch's operations and Python's library; the tokenizer's cuts words as every tokenizer here."""
    assert course.capstone is not None
    known = {"torch", "regex", *sys.stdlib_module_names}
    for path in sorted((course.root / course.capstone.module / "standins").glob("*.py")):
        assert {name.split(".")[0] for name in imported(path)} <= known, path


def test_what_is_mounted_into_the_sandbox_is_what_imports_nothing_else() -> None:
    """`make lint` holds that these packages import nothing else of ours: exactly they are seen inside the sandbox."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (mounted,) = [one["source_modules"] for one in contracts if one["type"] == "forbidden"]
    assert mounted == [f"grader.{name}" for name in MOUNTED]
    packages = {f"grader.{path.name.removesuffix('.py')}" for path in (ROOT / "grader").iterdir()}
    packages -= {"grader.__init__", "grader.__main__", "grader.__pycache__", "grader.cli", "grader.py.typed"}
    (others,) = [one["forbidden_modules"] for one in contracts if one["type"] == "forbidden"]
    assert packages - set(mounted) <= set(others)


def test_who_only_hands_out_the_work_does_not_wait_for_torch() -> None:
    """The process that grading is started from, and every command's help, do without torch and NumPy."""
    modules = "grader.cli, grader.grading, grader.sandbox.launch, grader.reports"
    program = f"import sys, {modules}; print(sorted({{'torch', 'numpy', 'pytest'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "name", ["grader.checks", "grader.grading", "grader.pictures", "grader.port", "grader.reports"]
)
def test_all_is_what_there_is(name: str) -> None:
    """`__all__` is sorted, and every name in it exists."""
    module = importlib.import_module(name)
    assert module.__all__ == sorted(module.__all__)
    assert all(hasattr(module, entry) for entry in module.__all__)


RENDERERS = {"feedback", "ladder_table", "render", "shown", "summary"}
"""Functions that only turn what a command got into what it prints."""


def test_a_command_parses_calls_one_function_and_prints() -> None:
    """The command line holds no logic: a command takes one function from the rest of the grader, beside renderers."""
    counts = {}
    for path in sorted((ROOT / "grader" / "cli").glob("*.py")):
        for command in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(command, ast.FunctionDef):
                taken = {
                    alias.name
                    for node in ast.walk(command)
                    if isinstance(node, ast.ImportFrom)
                    and (node.module or "").startswith("grader.")
                    and not (node.module or "").startswith("grader.cli")
                    for alias in node.names
                    if alias.name.islower()
                }
                counts[f"{path.stem}.{command.name}"] = len(taken - RENDERERS)
    assert max(counts.values()) == 1, counts


def test_tests_and_checks_say_what_they_hold() -> None:
    """Every test function has a docstring."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path}: {node.name}"


def test_stubs_are_short_and_solutions_readable(course: Course) -> None:
    """A stub is about 60 lines, a solution about 120; the tokenizer and the loops may be somewhat longer."""
    for exercise in course.exercises:
        stub = (course.stubs / f"{exercise.id}.py").read_text(encoding="utf-8")
        solution = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        assert len(stub.splitlines()) <= 75, exercise.id
        assert len(solution.splitlines()) <= 160, exercise.id
        assert "SOLUTION" not in stub
