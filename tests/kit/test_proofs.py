"""Which changes make the record of a proof stale and which don't, and what you read when a proof fails."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.dependencies import dependencies, differences, grader_code, normalized
from grader.authoring.generate import build
from grader.authoring.proofs import other_versions, prove, record_file, stale
from grader.checks.draws import DRAWS_FILE
from grader.course import Course, load_course
from tests.kit.commands import run_module
from tests.kit.small_catalog import catalog

STYLE = '"""Right."""\n\n\ndef double(x):\n    return {} * x\n'
STYLES = {f"solutions__styles__double__style_{number}_dot_py": STYLE.format(2.0) for number in range(1, 7)}
HELPED = '''\
    """Visible checks."""

    from grader.checks import expect_equal
    from tests.visible.numbers import THREE


    def test_double_three(learner):
        """Twice 3 is 6."""
        expect_equal(learner.call("double", THREE), 6.0)
    '''
HELPER = '"""Numbers."""\n\nTHREE = 3.0\n'
LOCK = "hypothesis==6.1\nnumpy==2.0\ntorch==2.2\n"
FILES = {
    **catalog("adds_one", "keeps_it", "right_for_three", "wrong_for_zero", "halves", "negative"),
    "tests__visible__test_double_dot_py": HELPED,
    "tests__visible__numbers_dot_py": HELPER,
    "requirements_dot_lock": LOCK,
    **STYLES,
}
Change = tuple[str, str, str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, write_tiny_course: Callable[..., Path]) -> Path:
    """Return the folder of a small course without problems."""
    path = write_tiny_course(tmp_path_factory.mktemp("built") / "course", **FILES)
    (path.parent / "exercises").mkdir()
    build(load_course(path))
    return path.parent


@pytest.fixture
def tiny(built: Path, tmp_path: Path) -> Course:
    """Return a copy of that course."""
    shutil.copytree(built, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    return load_course(tmp_path / "course" / "course.yaml")


def changed(course: Course, file: str, old: str, new: str) -> Course:
    """Change one passage in a file of a course; return the changed course."""
    path = course.root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return load_course(course.root / "course.yaml")


def all_dependencies(course: Course) -> dict[str, dict[str, str]]:
    """Return the dependencies of each exercise's proof."""
    return {exercise.id: dependencies(course, exercise) for exercise in course.exercises}


@pytest.mark.parametrize(
    ("change", "stale"),
    [
        (
            ("solutions/double.py", "x: float)", "x: float = 0.0)"),
            {"double": ["solutions/double.py (changed)"], "twice": ["solutions/double.py (changed)"]},
        ),
        (("solutions/twice.py", "double(double(x))", "2 * double(x)"), {"twice": ["solutions/twice.py (changed)"]}),
        (
            ("solutions/standins/double.py", "x + x", "x * 2"),
            {"double": ["solutions/standins/double.py (changed)"], "twice": ["solutions/standins/double.py (changed)"]},
        ),
        (
            ("solutions/styles/double/style_1.py", "2.0 * x", "x * 2.0"),
            {"double": ["solutions/styles/double/style_1.py (changed)"]},
        ),
        (("tests/visible/test_double.py", "6.0", "6"), {"double": ["tests/visible/test_double.py (changed)"]}),
        (("tests/hidden/test_double.py", "100", "99"), {"double": ["tests/hidden/test_double.py (changed)"]}),
        (("tests/visible/numbers.py", "3.0", "3"), {"double": ["tests/visible/numbers.py (changed)"]}),
        (("solutions/misconceptions/double.yaml", "=> x + 1", "=> x + 2"), {"double": ["mistake adds_one (changed)"]}),
        (
            ("solutions/misconceptions/double.yaml", "keeps_it", "keeps"),
            {"double": ["mistake keeps (new)", "mistake keeps_it (gone)"]},
        ),
        (("requirements.lock", "torch==2.2", "torch==2.3"), {e: ["requirements.lock: torch (changed)"] for e in ("double", "twice")}),
        (("course.yaml", "{call: 2,", "{call: 3,"), {e: ["course.yaml: limits, needs, builtins, free (changed)"] for e in ("double", "twice")}),
        (("tests/visible/cases/double.json", '"checks": ["test_double_three"]', '"checks": []'), {"double": ["tests/visible/cases/double.json (changed)"]}),
    ],
    ids=lambda value: "{} to {}".format(*value[1:]) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_change_makes_dependent_proofs_stale(tiny: Course, change: Change, stale: dict[str, list[str]]) -> None:
    """A change to anything that a proof uses, from a style to the limits, makes it stale, and no other proof."""
    before = all_dependencies(tiny)
    now = all_dependencies(changed(tiny, *change))
    by_exercise = {name: differences(before[name], now[name]) for name in before}
    assert {name: changes for name, changes in by_exercise.items() if changes} == stale


def test_another_seed_makes_the_proof_of_its_exercise_stale(tiny: Course) -> None:
    """A seed decides which examples a check draws, so changing it makes that exercise's proof stale, and no other."""
    seeds = tiny.check_folder("hidden") / DRAWS_FILE
    check = "test_double_equals_the_reference"

    def differences_with(recorded: dict[str, dict[str, str]]) -> dict[str, list[str]]:
        before = all_dependencies(tiny)
        seeds.write_text(json.dumps(recorded), encoding="utf-8")
        now = all_dependencies(tiny)
        return {name: changes for name in before if (changes := differences(before[name], now[name]))}

    assert differences_with({"double": {check: "1"}}) == {"double": ["tests/hidden/draws.json (new)"]}
    assert differences_with({"double": {check: "2"}}) == {"double": ["tests/hidden/draws.json (changed)"]}
    assert differences_with({"double": {check: "2"}, "other": {"test_x": "3"}}) == {}


@pytest.mark.parametrize(
    "change",
    [
        ("solutions/double.py", '"""Return twice x."""', '"""Give back twice x."""\n    # A comment.\n'),
        ("tests/visible/test_double.py", "Twice 3 is 6.", "Twice three is six."),
        ("tests/visible/numbers.py", "THREE = 3.0", "\n# As said.\nTHREE = 3.0  # a number\n"),
        ("solutions/misconceptions/double.yaml", "adds_one: {did: You err.", "adds_one: {did: You are wrong."),
        ("course.yaml", "title: Double", "title: Times two"),
        ("course.yaml", "test_twice_four: 3", "test_twice_four: 4"),
        ("requirements.lock", "numpy==2.0", "numpy==2.1"),
    ],
    ids=lambda change: change[2],
)
def test_harmless_changes_make_no_proof_stale(tiny: Course, change: Change) -> None:
    """You may change comments, docstrings, sentences, titles, points and other libraries."""
    before = all_dependencies(tiny)
    assert all_dependencies(changed(tiny, *change)) == before


def test_only_a_programs_code_counts() -> None:
    """Docstrings, comments and empty lines don't count; the lines inside other strings do, even empty ones."""
    program = '"""Doc."""\n\nX = """a\n\n# no comment\n  b"""  # comment\n\n\ndef f():\n    "doc"\n    return (  # why\n        1,\n\n        2)\n'
    other = 'X = """a\n\n# no comment\n  b"""\ndef f():\n    return (\n        1,\n        2)\n'
    assert normalized(program) == normalized(other) == other.rstrip("\n")
    assert normalized(program.replace("\n\n# no", "\n# no")) != normalized(program)
    assert normalized(program.replace("    return", "        return")) != normalized(program)
    assert normalized("not Python (") == "not Python ("


def test_only_the_grader_code_that_runs_a_proof_counts(tmp_path: Path) -> None:
    """Imports count, even in functions and through lazy packages, but not those for types or of the sandbox."""
    files = {
        "__init__": "",
        "authoring/__init__": "",
        "authoring/proofs": "from grader.course import model\n\n\ndef late():\n    import grader.port.replay\n",
        "course/__init__": "",
        "course/model": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from grader.reports import html\n",
        "course/lateness": "",
        "port/__init__": "import grader.sandbox.walls\n",
        "port/replay": "from .. import text\nfrom grader.lazy import something\n",
        "text": "",
        "lazy/__init__": "def __getattr__(name): ...\n",
        "lazy/asked_for": "",
        "reports/__init__": "",
        "reports/html": "",
        "sandbox/__init__": "",
        "sandbox/walls": "",
    }
    folder = tmp_path / "grader"
    for name, text in files.items():
        (folder / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    roots = frozenset(["grader.authoring.proofs"])
    before = grader_code(roots, folder)
    assert before.keys() == {"grader.authoring", "grader.course", "grader.port", "grader.text", "grader.lazy"}
    used = {}
    for name, text in files.items():
        (folder / f"{name}.py").write_text(f"{text}\nchanged = 1\n", encoding="utf-8")
        now = grader_code(roots, folder)
        used[name] = [package for package in now if now[package] != before.get(package)]
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    counted = {"authoring/__init__", "authoring/proofs", "course/__init__", "course/model", "port/__init__"}
    counted |= {"port/replay", "text", "lazy/__init__", "lazy/asked_for"}
    assert {name for name, packages in used.items() if packages} == counted
    assert used["lazy/asked_for"] == ["grader.lazy"]


def test_a_success_is_recorded_and_a_failure_is_explained(tiny: Course) -> None:
    """A proof writes a record; if it fails, you read which mistakes and styles are wrong, and the next command."""
    double = tiny.by_id["double"]
    assert [problem.sentence for problem in stale(tiny, [double])] == ["It was never proven."]
    lines: list[str] = []
    assert prove(tiny, [double], lines.append, jobs=1) == []
    assert lines[1:] == ["double: 6 mistakes and 8 right answers against 2 checks", "double: proven"]
    record = json.loads(record_file(tiny, "double").read_text(encoding="utf-8"))
    assert record["proven"] == {"checks": 2, "mistakes": 6, "right answers": 8, "cases": 3}
    assert stale(tiny, [double]) == []

    tiny = changed(tiny, "solutions/misconceptions/double.yaml", "=> -2 * x", "=> x * 2")
    tiny = changed(tiny, "solutions/styles/double/style_1.py", "2.0 * x", "x")
    double = tiny.by_id["double"]
    (old,) = stale(tiny, [double])
    assert str(old) == (
        "double: Changed since it was proven: solutions/styles/double/style_1.py (changed), mistake negative (changed). "
        "Run: make prove, or: grader prove double"
    )
    matrix = "Run: grader matrix double"
    both = "test_double_three, test_double_equals_the_reference"
    assert [str(problem) for problem in prove(tiny, [double], lines.append, jobs=1)] == [
        "double: Stale: tests/visible/cases/double.json, tests/hidden/cases/double.json. Run: grader build double",
        f"double: Missed by every hidden check: negative. {matrix}",
        f"double: Missed by the check that it belongs to: negative (no check fails first; it belongs to test_double_three). {matrix}",
        f"double: Another check fails first: negative (no check fails first; it belongs to test_double_three). {matrix}",
        f"double: Right answers that were rejected: solutions/styles/double/style_1.py (by {both}). {matrix}",
        f"double: Too many mistakes that every visible check misses: right_for_three, negative. {matrix}",
        f"double: solutions/styles/double/style_1.py, a right answer, gets 0 of 2 points: {both} failed. "
        "Run: grader prove double, once you have changed it",
    ]
    assert not record_file(tiny, "double").exists()


def test_other_versions_are_reported_and_make_nothing_stale(tiny: Course) -> None:
    """With another torch a record still counts, and you read its version; a record without an exercise is stale."""
    double = tiny.by_id["double"]
    record = {"exercise": "double", "proven": {}, "using": {"torch": "1.0"}, "depends_on": dependencies(tiny, double)}
    record_file(tiny, "double").parent.mkdir()
    record_file(tiny, "double").write_text(json.dumps(record), encoding="utf-8")
    assert stale(tiny, [double]) == []
    (line,) = other_versions(tiny)
    assert line.startswith("double was proven with python ? (here 3.")
    assert "torch 1.0 (here " in line
    record_file(tiny, "double").rename(record_file(tiny, "triple"))
    assert [str(problem) for problem in stale(tiny, [])] == [
        "triple: There is a record, but the exercise doesn't exist. Run: git rm solutions/proofs/triple.json"
    ]


def test_the_command_reports_stale_and_failed_proofs(tiny: Course) -> None:
    """`grader prove --check` exits with 2 if something is stale and 0 after a proof; a proof that fails exits with 1."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_module("grader", "prove", *arguments, cwd=tiny.root)

    process = run("--check")
    assert (process.returncode, process.stdout) == (2, "")
    assert "double: It was never proven. Run: make prove, or: grader prove double" in process.stderr
    process = run("twice")
    assert process.returncode == 1
    assert "twice: Too few mistakes: 0; the course asks for 1. Run: grader matrix twice" in process.stdout
    assert run("double").stdout.strip() == "Proven: double."
    process = run("double", "--check")
    assert (process.returncode, process.stdout.strip()) == (0, "Nothing has changed since it was proven.")
