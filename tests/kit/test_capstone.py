"""The capstone's frame: which modules it combines, what it says about them, and how it reports their failures."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Course, load_course
from grader.errors import CourseError
from grader.study.capstone import (
    SLOW,
    UNWRITTEN,
    WRONG,
    Part,
    PartFailed,
    Parts,
    choose_parts,
    load_capstone,
    the_capstone,
    used,
)
from tests.kit.commands import run_module

TinyCourse = Callable[..., Path]
YAML = """\
    id: tiny
    title: A tiny course
    limits: {call: 2, after_timeout: 0.5}
    capstone: {module: tower, uses: [twice]}
    exercises:
      - id: double
        title: Double
      - id: twice
        title: Twice
        needs: [double]
    """
TOWER = """\
    def run(parts, order):
        twice = parts.take("twice", "twice")
        with parts.running():
            order.console.print(f"{twice(order.seed + 0.5)} with", *[p.why or "own" for p in parts.by_exercise.values()])
    """
STANDIN = "def twice(x):\n    return 4.0 * x\n"
RIGHT = "def double(x):\n    return 2 * x\n"
RIGHT_TWICE = "from .double import double\n\n\ndef twice(x):\n    return double(double(x))\n"


@pytest.fixture
def towered(tiny_course: TinyCourse) -> Course:
    """Return a course of two exercises with a capstone that uses one of them."""
    path = tiny_course(course_dot_yaml=YAML, tower_dot_py=TOWER, tower__standins__twice_dot_py=STANDIN)
    return load_course(path)


def written(course: Course, **texts: str) -> Path:
    """Write a learner's modules next to the course, and return their folder."""
    folder = course.root / "own"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def reasons(course: Course, folder: Path, kept: Path | None = None) -> dict[str, str]:
    """Return for each module why it's a stand-in; an empty reason if it's the learner's own."""
    return {part.exercise: part.why for part in choose_parts(course, folder, kept)}


def test_this_courses_capstone_is_whole(course: Course) -> None:
    """Its package exists, and a stand-in for each exercise that it uses directly or through another."""
    capstone = the_capstone(course)
    assert set(capstone.uses) <= set(used(course, capstone))
    assert callable(load_capstone(course).run)


def test_own_modules_are_taken_where_they_pass(towered: Course) -> None:
    """A module that passes its visible checks is the learner's own; modules used through another are checked too."""
    folder = written(towered, double=RIGHT, twice=RIGHT_TWICE)
    assert reasons(towered, folder) == {"double": "", "twice": ""}


def test_what_is_missing_or_wrong_is_replaced_and_said(towered: Course) -> None:
    """Wrong and unwritten modules are replaced by stand-ins; a module that is correct on its own stays."""
    folder = written(towered, double="def double(x):\n    return x + 2\n", twice=RIGHT_TWICE)
    assert reasons(towered, folder) == {"double": WRONG, "twice": ""}
    written(towered, double="def double(x):\n    raise NotImplementedError\n", twice="def twice(x:\n")
    assert reasons(towered, folder) == {"double": UNWRITTEN, "twice": WRONG}
    assert reasons(towered, written(towered).parent / "solutions") == {"double": "", "twice": ""}


def test_checks_that_ran_out_of_time_are_not_called_wrong(towered: Course, tmp_path: Path) -> None:
    """It may be the computer, so that is said, and the next run checks again instead of remembering it."""
    kept = tmp_path / "kept.json"
    folder = written(towered, double="def double(x):\n    while True:\n        pass\n", twice=RIGHT_TWICE)
    assert reasons(towered, folder, kept)["double"] == SLOW
    assert not kept.exists()


def test_the_same_modules_are_not_checked_again(towered: Course, tmp_path: Path) -> None:
    """The choice is kept until a module changes; if its file is damaged, it's made again."""
    kept = tmp_path / "kept.json"
    folder = written(towered, double=RIGHT, twice=RIGHT_TWICE)
    begun: list[str] = []
    choose_parts(towered, folder, kept, begun.append)
    assert begun == ["double", "twice"]
    choose_parts(towered, folder, kept, begun.append)
    assert begun == ["double", "twice"]
    written(towered, double="def double(x):\n    return x + 2\n")
    assert reasons(towered, folder, kept)["double"] == WRONG
    kept.write_text("[", encoding="utf-8")
    assert reasons(towered, folder, kept)["double"] == WRONG


def test_a_capstone_that_is_not_whole_is_told(tiny_course: TinyCourse) -> None:
    """No capstone, no package, no stand-in, no `run`: each message says what to write."""
    with pytest.raises(CourseError, match="has no capstone"):
        the_capstone(load_course(tiny_course()))
    with pytest.raises(CourseError, match=r"no tower/__init__\.py"):
        the_capstone(load_course(tiny_course(course_dot_yaml=YAML)))
    with pytest.raises(CourseError, match=r"Write tower/standins/twice\.py"):
        the_capstone(load_course(tiny_course(course_dot_yaml=YAML, tower_dot_py="")))
    path = tiny_course(course_dot_yaml=YAML, tower_dot_py="x = 1\n", tower__standins__twice_dot_py=STANDIN)
    with pytest.raises(CourseError, match="no function `run"):
        load_capstone(load_course(path))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def double(x):\n    raise RuntimeError('no [bold] more')\n", "raised RuntimeError: no [bold] more"),
        ("def double(x):\n    return x.y\n", "raised AttributeError"),
        ("def double(x):\n    while True:\n        pass\n", "was stopped: it took no step for 0.3 seconds"),
    ],
)
def test_a_failure_names_module_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    """An error in the learner's code is reported as theirs, with the line and what to do, even if it comes through other code."""
    for name, content in (("double", text), ("twice", RIGHT_TWICE)):
        (tmp_path / f"{name}.py").write_text(content, encoding="utf-8")
    parts = Parts([Part(name, tmp_path / f"{name}.py") for name in ("double", "twice")], silence=0.3)
    twice = parts.take("twice", "twice")
    with pytest.raises(PartFailed) as raised, parts.running():
        twice(1)
    parts.close()
    assert f"Your double.py {sentence}" in str(raised.value)
    assert "  line " in str(raised.value)
    assert str(raised.value).endswith("grader check double; grader capstone")


def test_our_own_failures_are_not_the_learners(tmp_path: Path) -> None:
    """An error without a line of the learner's, or in a stand-in, isn't blamed on the learner."""
    (tmp_path / "double.py").write_text("def double(x):\n    return x / 0\n", encoding="utf-8")
    parts = Parts([Part("double", tmp_path / "double.py", UNWRITTEN)])
    double = parts.take("double", "double")
    with pytest.raises(ZeroDivisionError), parts.running():
        double(1)
    with pytest.raises(PartFailed, match=r"double\.py has no `triple`"):
        parts.take("double", "triple")
    parts.close()


def test_signs_of_life_put_off_the_end(tmp_path: Path) -> None:
    """Slow code that keeps going isn't stopped."""
    text = "import time\n\n\ndef work(sign):\n    for _ in range(8):\n        time.sleep(0.1)\n        sign()\n    return 'done'\n"
    (tmp_path / "slow.py").write_text(text, encoding="utf-8")
    parts = Parts([Part("slow", tmp_path / "slow.py")], silence=0.6)
    work = parts.take("slow", "work")
    with parts.running() as sign:
        assert work(sign) == "done"
    parts.close()


def test_an_author_writes_another_capstone_without_a_change_here(towered: Course) -> None:
    """The command runs the package named in course.yaml with the learner's modules; wrong use ends with status 2."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_module("grader", "capstone", *arguments, cwd=towered.root)

    done = run("--submission", "solutions", "--seed", "1")
    assert (done.returncode, done.stdout) == (0, "6.0 with own own\n"), done.stderr
    missing = run()
    assert missing.returncode == 2
    assert "exercises is not a folder" in missing.stderr
    both = run("--submission", "solutions", "--steps", "2", "--minutes", "1")
    assert both.returncode == 2
    assert "Use only one of them" in both.stderr
