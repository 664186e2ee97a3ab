"""The project follows its own rules: students' files give nothing away, and the code is where it belongs."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch

from grader.course import Course
from grader.sandbox.launch import MOUNTED

ROOT = Path(__file__).resolve().parents[2]


def imported(path: Path) -> set[str]:
    """List the full names of the modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_the_grader_knows_no_exercise_by_name(course: Course) -> None:
    """No line of the grader's code names an exercise; torch's functions of the same name don't count."""
    for path in sorted((ROOT / "grader").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        words |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for exercise in course.exercises:
            if not hasattr(torch.nn.functional, exercise.id):
                assert exercise.id not in words, f"{path} names {exercise.id}"


SEARCHES = {"split", "splitlines", "rsplit", "partition", "rpartition", "find", "index", "startswith", "endswith"}
SEARCHES |= {"replace", "removeprefix", "removesuffix", "match", "fullmatch", "search", "sub", "findall", "finditer"}
SENTENCES = {"message", "diagnosis", "failure_text", "in_brief", "in_full_or_brief", "rows_as_text", "did", "why"}
MAY_SEARCH = {
    "grader/failures/as_text.py": "it renders",
    "grader/failures/as_notebook.py": "it renders",
    "grader/practice/question.py": "it renders: the sentence of somebody else's mistake, in the general form",
    "benchmarks/mutants.py": "its `why` is about a mutant, not about a mistake",
}


def says(part: ast.AST, texts: set[str], row_text: set[str]) -> bool:
    """Say whether an expression is about a failure's text: a sentence, a name bound to one, or a row's lines."""
    names = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(part) if isinstance(node, ast.Attribute)}
    return bool(names & (texts | SENTENCES) or attributes & (row_text | SENTENCES))


def texts_of(scope: ast.AST, row_text: set[str]) -> set[str]:
    """List the local names that `=`, `:=` or `for` binds to a failure's text, or to a part of it."""
    bound: list[tuple[ast.expr, ast.expr]] = []
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            bound += [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.For | ast.comprehension):
            bound.append((node.target, node.iter))
        elif isinstance(node, ast.NamedExpr):
            bound.append((node.target, node.value))
    # What a call returns is something else.
    bound = [pair for pair in bound if isinstance(pair[1], ast.Name | ast.Attribute | ast.Subscript)]
    texts: set[str] = set()
    for _ in bound:  # a name may be bound to another name, in any order
        for target, value in bound:
            if says(value, texts, row_text):
                texts |= {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}
    return texts


def searched_texts(tree: ast.Module) -> list[int]:
    """List the lines in which code splits or searches a failure's text."""
    imports = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    # Other things have lines, too: a program, an edit.
    row_text = {"lines"} if any(module.startswith("grader.failures") for module in imports) else set()
    line_numbers = []
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    # A name is followed within its function; or else in the file.
    scopes: list[tuple[ast.AST, set[str]]] = [(tree, texts_of(tree, row_text) if not functions else set())]
    scopes += [(function, texts_of(function, row_text)) for function in functions]
    for scope, texts in scopes:
        for node in ast.walk(scope):
            parts: list[ast.AST] = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SEARCHES:
                parts = [node.func.value, *node.args]
            elif isinstance(node, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
                parts = list(node.comparators)
            line_numbers += [
                node.lineno for part in parts if isinstance(node, ast.expr) and says(part, texts, row_text)
            ]
    return line_numbers


def test_only_renderers_split_or_search_the_text_of_a_failure() -> None:
    """No other code takes a message, a row or a mistake's sentence apart; the rows contain what it needs."""
    for folder in ("grader", "capstone", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.relative_to(ROOT).as_posix() not in MAY_SEARCH:
                assert not searched_texts(ast.parse(path.read_text(encoding="utf-8"))), path


@pytest.mark.parametrize(
    "code",
    [
        "outcome.message.splitlines()",
        "re.sub('a', '', check.diagnosis)",
        "'got' in message(shown)",
        "mistake.why.split('.')",
        "template = mistake.did\n'your' in template",
        "from grader.failures.rows import Row\nrow.lines[0].partition(':')",
        "from grader.failures import Row\nfor line in row.lines:\n    if line.startswith('got'): pass",
        "from grader.failures.rows import Row\ndef f(row):\n    return any('nan' in line for line in row.lines)",
    ],
)
def test_text_that_is_taken_apart_is_found(code: str) -> None:
    """The rule above sees a message, a sentence, and a row's lines, also under another name."""
    assert searched_texts(ast.parse(code))


def test_visible_checks_import_nothing_that_does_not_ship(course: Course) -> None:
    """A student's copy has neither solutions nor hidden checks, so visible checks cannot use them."""
    for path in sorted(course.check_folder("visible").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not any(name.startswith(("solutions", "tests.hidden", "tests.kit")) for name in imported(path)), path
        assert "reference:" not in text, f"{path} asks for the reference"


def test_stand_ins_import_only_torch(course: Course) -> None:
    """A stand-in imports nothing but torch and Python's library."""
    for path in sorted(course.standins.glob("*.py")):
        assert {name.split(".")[0] for name in imported(path)} <= {"torch", *sys.stdlib_module_names}, path


def test_the_capstones_stand_ins_give_nothing_away(course: Course) -> None:
    """They import only torch, Python's library and regex, with which every tokenizer here splits words."""
    assert course.capstone is not None
    known = {"torch", "regex", *sys.stdlib_module_names}
    for path in sorted((course.root / course.capstone.module / "standins").glob("*.py")):
        assert {name.split(".")[0] for name in imported(path)} <= known, path


def test_the_sandbox_mounts_the_packages_that_import_nothing_else() -> None:
    """The sandbox mounts exactly the packages that, as `make lint` checks, import nothing else of ours."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (mounted,) = [contract["source_modules"] for contract in contracts if contract["type"] == "forbidden"]
    assert mounted == [f"grader.{name}" for name in MOUNTED]
    packages = {f"grader.{path.name.removesuffix('.py')}" for path in (ROOT / "grader").iterdir()}
    packages -= {"grader.__init__", "grader.__main__", "grader.__pycache__", "grader.cli", "grader.py.typed"}
    (others,) = [contract["forbidden_modules"] for contract in contracts if contract["type"] == "forbidden"]
    assert packages - set(mounted) <= set(others)


def test_handing_out_the_work_does_not_import_torch() -> None:
    """The process that starts grading, and every command's help, run without importing torch, NumPy or pytest."""
    modules = "grader.cli, grader.grading, grader.sandbox.launch, grader.reports"
    program = f"import sys, {modules}; print(sorted({{'torch', 'numpy', 'pytest'}} & set(sys.modules)))"
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "name", ["grader.checks", "grader.grading", "grader.pictures", "grader.port", "grader.reports"]
)
def test_all_names_exist(name: str) -> None:
    """`__all__` is sorted, and every name in it exists."""
    module = importlib.import_module(name)
    assert module.__all__ == sorted(module.__all__)
    assert all(hasattr(module, entry) for entry in module.__all__)


RENDERERS = {
    "answer_to_hint", "answer_to_progress", "as_json", "as_lines", "feedback", "progress_table", "render", "shown",
    "summary", "tracks_table",
}  # fmt: skip
"""Functions that only format what a command prints."""


def test_a_command_parses_calls_one_function_and_prints() -> None:
    """The command line contains no logic: apart from renderers, a command imports one function of the grader."""
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


def test_every_test_has_a_docstring() -> None:
    """Every test function has a docstring."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path}: {node.name}"


def test_stubs_are_short_and_solutions_readable(course: Course) -> None:
    """A stub has at most 75 lines and a solution at most 160, and no stub contains a mark of the solution.

    `kv_cache` contains four parts of earlier exercises once more, each with its cache.
    """
    parts = {"kv_cache": 2}
    for exercise in course.exercises:
        stub = (course.stubs / f"{exercise.id}.py").read_text(encoding="utf-8")
        solution = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        assert len(stub.splitlines()) <= 75 * parts.get(exercise.id, 1), exercise.id
        assert len(solution.splitlines()) <= 160 * parts.get(exercise.id, 1), exercise.id
        assert "SOLUTION" not in stub
