"""The house keeps its rules: floors import downwards, students' files give nothing away, exports are honest."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import Course

ROOT = Path(__file__).resolve().parents[2]

FLOORS = [
    {"errors", "late", "yaml_file", "lazy", "lines", "check_file", "course", "stub"},
    {"learner", "catalogue", "register", "processes", "study"},
    {"checks", "diagnosis"},
    {"verdict"},
    {"marks"},
    {"engine"},
    {"matrix"},
    {"report", "class_table", "reports", "pictures", "site", "regrade", "progress", "build", "doctor", "matrix_report"},
    {"notebooks", "desk", "watch", "capstone"},
    {"cli", "__main__"},
]


def imported(path: Path) -> set[str]:
    """List the modules that a file imports, by their full names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def floor_of(part: str) -> int:
    """Return the floor of a part of the grader."""
    return next(number for number, parts in enumerate(FLOORS) if part in parts)


def test_floors_import_downwards_only() -> None:
    """No module of the grader imports from a floor above its own."""
    for path in sorted((ROOT / "grader").rglob("*.py")):
        part = path.relative_to(ROOT / "grader").parts[0].removesuffix(".py")
        if part == "__init__":
            continue
        for name in imported(path):
            match = re.match(r"grader\.(\w+)", name)
            if match and match[1] != "__version__":
                assert floor_of(match[1]) <= floor_of(part), f"{path} imports {name}"


def test_the_grader_knows_no_exercise_by_name(course: Course) -> None:
    """No line of the grader's code names an exercise; messages may show an import as an example."""
    for path in sorted((ROOT / "grader").rglob("*.py")):
        text = path.read_text(encoding="utf-8").replace("from .layer_norm import LayerNorm", "")
        tree = ast.parse(text)
        words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        words |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for exercise in course.exercises:
            assert exercise.id not in words, f"{path} names {exercise.id}"


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


def test_the_learners_side_imports_no_check_and_no_course() -> None:
    """The process that holds the learner's objects loads nothing that knows a check, a reference or a result."""
    for name in (
        "child",
        "far",
        "frames",
        "imports",
        "limits",
        "orders",
        "plain",
        "probes",
        "requests",
        "watch",
        "wire",
        "workspace",
    ):
        for module in imported(ROOT / "grader" / "learner" / f"{name}.py"):
            assert not module.startswith("grader.") or module.startswith(("grader.learner", "grader.lazy")), (
                f"{name} imports {module}"
            )


def test_who_only_hands_out_the_work_does_not_wait_for_torch() -> None:
    """The process that grading is started from, and every command's help, do without torch and NumPy."""
    modules = "grader.cli, grader.engine, grader.learner.sandbox, grader.report, grader.reports, grader.regrade"
    program = f"import sys, {modules}; print(sorted({{'torch', 'numpy', 'pytest'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "name", ["grader.checks", "grader.learner", "grader.engine", "grader.reports", "grader.pictures"]
)
def test_all_is_what_there_is(name: str) -> None:
    """`__all__` is sorted, and every name in it exists."""
    module = importlib.import_module(name)
    assert module.__all__ == sorted(module.__all__)
    assert all(hasattr(module, entry) for entry in module.__all__)


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
