"""What commands answer with `--json`: data that agree with a published schema, and nothing besides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from docs.schemas import ANSWERS_SCHEMA_FILE
from grader.course import Course, load_course
from grader.errors import CourseError
from grader.release.making import release
from grader.study.folder import work, write
from grader.study.json_answers import schema_text
from tests.kit.commands import run_module

TinyCourse = Callable[..., Path]
SCHEMA = jsonschema.Draft202012Validator(json.loads(schema_text()))


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course."""
    return load_course(tiny_course())


def answer(course: Course, *arguments: str, status: int = 0) -> Any:
    """Run a command with `--json`, and return its answer, after comparing it with the schema."""
    done = run_module("grader", *arguments, "--json", cwd=course.root)
    assert done.returncode == status, done.stderr
    data = json.loads(done.stdout)
    SCHEMA.validate(data)
    return data


def test_the_published_schema_is_the_generated_one() -> None:
    """docs/agents.schema.json is what the code generates."""
    assert ANSWERS_SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "Run: python -m docs.schemas"


def test_a_failed_check_has_its_rows_and_its_case(tiny: Course) -> None:
    """The answer counts the checks, and has for each failed one what the message says; a passed one has only its title."""
    write(work(tiny, "double"), b"def double(x):\n    print('here')\n    return x + 1\n")
    data = answer(tiny, "check", "double", status=1)
    (checked,) = data["exercises"]
    assert data["command"] == "check"
    assert checked["exercise"] == "double"
    assert (checked["passed"], checked["ran"]) == (0, checked["all_checks"])
    failed = checked["checks"][0]
    assert failed["status"] == "failed"
    assert {"called", "got", "expected"} <= {row["kind"] for row in failed["rows"]}
    assert "double(3.0)" in failed["counterexample"]
    assert failed["printed"].startswith("here\n")
    assert "last_failure.py" in " ".join(data["sentences"])
    write(work(tiny, "double"), b"def double(x):\n    return 2 * x\n")
    data = answer(tiny, "check", "double")
    (checked,) = data["exercises"]
    assert checked["passed"] == checked["ran"] > 0
    assert all(check["rows"] == [] for check in checked["checks"])
    assert "Checkpoint: double." in " ".join(data["sentences"])


def test_progress_and_hints_are_as_without_json(tiny: Course) -> None:
    """The status of each exercise and the next hint come as data, and a hint that was taken is remembered."""
    data = answer(tiny, "progress")
    assert [(each["exercise"], each["status"]) for each in data["exercises"]] == [
        ("double", "not_started"),
        ("twice", "not_started"),
    ]
    assert [each["is_next"] for each in data["exercises"]] == [True, False]
    course = tiny.file.read_text(encoding="utf-8")
    tiny.file.write_text(course.replace("id: double", "id: double\n    hints: [First., Second.]", 1), encoding="utf-8")
    first, second = (answer(tiny, "hint", "double")["hints"] for _ in range(2))
    assert [(hint["text"], hint["number"], hint["has_next"]) for hint in (*first, *second)] == [
        ("First.", 1, True),
        ("Second.", 2, False),
    ]


def test_a_wrong_name_is_a_sentence_and_no_answer(tiny: Course) -> None:
    """An exercise that doesn't exist gives status 2, a sentence on standard error, and nothing to parse."""
    done = run_module("grader", "check", "doubel", "--json", cwd=tiny.root)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "grader check double" in done.stderr


@pytest.mark.parametrize(("agents", "sentence"), [
    ("tutor", "Don't write or change anything in `exercises/`"),
    ("free", "use coding agents as they like"),
    ("none", "work on it without coding agents"),
])  # fmt: skip
def test_the_course_says_what_agents_are_asked_to_do(tiny: Course, tmp_path: Path, agents: str, sentence: str) -> None:
    """`agents` in the course file chooses AGENTS.md, and the files under other names point to it."""
    settings = tiny.file.read_text(encoding="utf-8")
    tiny.file.write_text(f"{settings}\nagents: {agents}\n", encoding="utf-8")
    release(load_course(tiny.file), tmp_path / "out", engine="pip")
    text = (tmp_path / "out" / "AGENTS.md").read_text(encoding="utf-8")
    assert sentence in text
    assert "{{" not in text
    for alias in ("CLAUDE.md", "GEMINI.md", ".github/copilot-instructions.md"):
        assert "AGENTS.md" in (tmp_path / "out" / alias).read_text(encoding="utf-8")


def test_another_word_for_agents_is_refused(tiny: Course) -> None:
    """A word that isn't one of the three is an error in the course file, with the words to choose from."""
    settings = tiny.file.read_text(encoding="utf-8")
    tiny.file.write_text(f"{settings}\nagents: tutors\n", encoding="utf-8")
    with pytest.raises(CourseError, match="tutor"):
        load_course(tiny.file)
