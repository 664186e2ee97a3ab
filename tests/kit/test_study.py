"""A learner's own work: checkpoints, going back, hints, answers, and a saved state that may be broken or missing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from grader.cli import app
from grader.course import Course, load_course
from grader.course.stub import make_stub
from grader.errors import CourseError, NoCheckpoint, NoHints, NoStub, SolutionWithheld
from grader.study.folder import read, work, write
from grader.study.hints import hints_taken, next_hint
from grader.study.next_steps import advice, finished, is_finished
from grader.study.progress import course_progress, progress_table
from grader.study.record import Sighting, record
from grader.study.solution import answer, approaches
from grader.study.state import KnownMistake, State, load_state
from grader.study.work import difference, reset, restore
from grader.text import fitted
from tests.kit.commands import run_module

TinyCourse = Callable[..., Path]
PLUGINS = ("-p", "grader.checks.plugin", "-p", "grader.study.recorder", "--import-mode=importlib")
RIGHT = b"def double(x):\n    return 2 * x\n"
WRONG = b"def double(x):\n    return x + 1\n"
HINTS = """\
id: tiny
title: A tiny course
exercises:
  - id: double
    title: Double
    hints: [Think., Think of a sum.]
  - id: twice
    title: Twice
    needs: [double]
"""


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course with hints, and with stubs in exercises/."""
    course = load_course(tiny_course(course_dot_yaml=HINTS))
    for exercise in course.exercises:
        text = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        write(work(course, exercise.id), make_stub(text).encode())
    return course


def save_and_record(
    course: Course, content: bytes, status: str = "passed", *, mistakes: tuple[KnownMistake, ...] = ()
) -> list[str]:
    """Save `double` and record this status for its only visible check; return the exercises that newly passed."""
    write(work(course, "double"), content)
    return record(course, [Sighting("double", content, {"test_double_three": status}, False, mistakes)], print)


def statuses(course: Course) -> dict[str, str]:
    """Return the status of each exercise in one word."""
    return {exercise.id: exercise.status for exercise in course_progress(course, load_state(course, print))}


def silent(sentence: str) -> None:
    """Fail if there is any message."""
    raise AssertionError(sentence)


def test_the_ladder_follows_the_files(tiny: Course) -> None:
    """The status (not started, begun, tried, passed, changed since) depends on what the file contains now."""
    assert statuses(tiny) == {"double": "not_started", "twice": "not_started"}
    write(work(tiny, "double"), WRONG)
    assert statuses(tiny)["double"] == "begun"
    save_and_record(tiny, WRONG, "failed")
    assert statuses(tiny)["double"] == "tried"
    save_and_record(tiny, RIGHT)
    assert statuses(tiny)["double"] == "passed"
    write(work(tiny, "double"), WRONG)
    assert statuses(tiny)["double"] == "changed"
    write(work(tiny, "double"), RIGHT.replace(b"\n", b"\r\n"))
    assert statuses(tiny)["double"] == "passed"
    work(tiny, "double").unlink()
    assert statuses(tiny)["double"] == "changed"


def test_the_ladder_says_what_is_next_and_what_waits(tiny: Course) -> None:
    """An exercise that needs an unfinished one is shown with what it builds on, and a note that you can do it anyway."""
    exercises = course_progress(tiny, State())
    assert [exercise.is_next for exercise in exercises] == [True, False]
    assert exercises[1].waits_for == ("double",)
    for width in (60, 80):
        console = Console(width=width, no_color=True, force_terminal=False)
        with console.capture() as captured:
            console.print(progress_table(tiny, exercises))
        printed = captured.get()
        assert "NEXT: not started" in printed
        assert "builds on double" in printed
        assert max(map(len, printed.splitlines())) <= width
    assert any("use a stand-in" in " ".join(sentence.split()) for sentence in advice(tiny, State(), exercises))


def test_the_ladder_says_how_long_an_exercise_takes(tiny_course: Callable[..., Path]) -> None:
    """If the course says how long an exercise takes and how difficult it is, so does the table."""
    course_file = tiny_course()
    text = course_file.read_text(encoding="utf-8")
    more = "title: Double\n    minutes: 75\n    difficulty: hard"
    course_file.write_text(text.replace("title: Double", more, 1), encoding="utf-8")
    course = load_course(course_file)
    console = Console(width=80, no_color=True, force_terminal=False)
    with console.capture() as captured:
        console.print(progress_table(course, course_progress(course, State())))
    assert "1 h 15 min, hard" in captured.get()


def test_a_pass_is_kept_with_its_code(tiny: Course) -> None:
    """You can compare with the code that passed and go back to it; the work that it replaces is kept."""
    assert save_and_record(tiny, RIGHT) == ["double"]
    assert save_and_record(tiny, RIGHT) == []
    write(work(tiny, "double"), WRONG)
    state = load_state(tiny, silent)
    lines = difference(tiny, state, "double")
    assert "-    return 2 * x" in lines
    assert "+    return x + 1" in lines
    restored = restore(tiny, state, "double")
    assert read(work(tiny, "double")) == RIGHT
    assert restored.kept is not None
    assert restored.kept.read_bytes() == WRONG
    assert not restore(tiny, state, "double").changed
    with pytest.raises(NoCheckpoint, match="grader check twice"):
        restore(tiny, state, "twice")


def test_only_whole_runs_on_steady_files_pass(tiny: Course) -> None:
    """Running only some checks isn't a pass, nor is a run in which the file changed, nor an untouched stub."""
    write(work(tiny, "twice"), RIGHT)
    assert record(tiny, [Sighting("twice", RIGHT, {"test_twice_four": "passed"})], silent) == []
    assert record(tiny, [Sighting("double", RIGHT, {"test_double_three": "passed"})], silent) == []
    stub = read(work(tiny, "double")) or b""
    assert record(tiny, [Sighting("double", stub, {"test_double_three": "not_started"})], silent) == []
    assert "passed" not in statuses(tiny).values()


def test_reset_gives_the_stub_back_and_keeps_the_work(tiny: Course) -> None:
    """Reset makes the stub from the solution, and leaves a file alone that already is the stub."""
    stub = read(work(tiny, "double"))
    assert not reset(tiny, "double").changed
    write(work(tiny, "double"), WRONG)
    result = reset(tiny, "double")
    assert read(work(tiny, "double")) == stub
    assert result.kept is not None
    assert result.kept.read_bytes() == WRONG


def test_without_solutions_the_stub_is_the_file_as_it_was_first_seen(tiny: Course) -> None:
    """A release has no solutions, so the first stub seen is kept; if none was kept, reset says so."""
    for path in tiny.solutions.glob("*.py"):
        path.unlink()
    stub = read(work(tiny, "double"))
    course_progress(tiny, State())
    write(work(tiny, "double"), WRONG)
    assert reset(tiny, "double").kept is not None
    assert read(work(tiny, "double")) == stub
    (tiny.root / "progress" / "stubs" / "twice.py").unlink()
    with pytest.raises(NoStub, match="Copy the file"):
        reset(tiny, "twice")


def test_writing_leaves_modes_and_links_alone(tiny: Course, tmp_path: Path) -> None:
    """A file that only its owner may read stays private, and a link still points to its file."""
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_bytes(WRONG)
    os.chmod(elsewhere, 0o600)
    path = work(tiny, "double")
    path.unlink()
    try:
        path.symlink_to(elsewhere)
    except OSError:
        pytest.skip("this system doesn't allow links")
    reset(tiny, "double")
    assert path.is_symlink()
    assert b"NotImplementedError" in elsewhere.read_bytes()
    assert os.name == "nt" or elsewhere.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("broken", [b"exercises: [", b"exercises: {double: {passed: 3}}", b"\xff\xfe\x00", b"- 1"])
def test_a_broken_state_is_set_aside_and_reported(tiny: Course, broken: bytes) -> None:
    """A broken state is kept next to the new one, and passes are recorded again."""
    path = tiny.root / "progress" / "progress.yaml"
    write(path, broken)
    messages: list[str] = []
    assert load_state(tiny, messages.append).exercises == {}
    assert "progress-broken-1.yaml" in " ".join(messages)
    assert path.with_name("progress-broken-1.yaml").read_bytes() == broken
    assert save_and_record(tiny, RIGHT) == ["double"]
    assert statuses(tiny)["double"] == "passed"


def test_the_state_is_readable_and_git_leaves_it_alone(tiny: Course) -> None:
    """The saved state says that you may delete it, and deleting it does no harm."""
    save_and_record(tiny, RIGHT)
    progress_folder = tiny.root / "progress"
    assert "it is safe to delete" in (progress_folder / "progress.yaml").read_text(encoding="utf-8")
    assert (progress_folder / ".gitignore").read_text(encoding="utf-8") == "*\n"
    for path in sorted(progress_folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    progress_folder.rmdir()
    assert statuses(tiny)["double"] == "begun"
    assert read(work(tiny, "double")) == RIGHT


def test_a_folder_of_the_same_name_above_the_course_is_left_alone(
    write_tiny_course: TinyCourse, tmp_path: Path
) -> None:
    """Git ignores only the course's own folder of progress, not a folder of that name that the course is in."""
    above = tmp_path / "progress"
    course = load_course(write_tiny_course(above / "course"))
    save_and_record(course, RIGHT)
    assert not (above / ".gitignore").exists()
    assert (above / "course" / "progress" / ".gitignore").is_file()


def test_hints_follow_the_diagnosis_then_go_in_order(tiny: Course) -> None:
    """The diagnosed mistake's hint comes first, then the course's, each once; then a message says there are no more."""
    save_and_record(tiny, WRONG, "failed", mistakes=(KnownMistake("You add one.", "Look at 3."),))
    state = load_state(tiny, silent)
    first = next_hint(tiny, state, "double")
    assert (first.text, first.did, first.number) == ("Look at 3.", "You add one.", 0)
    assert [next_hint(tiny, state, "double").text for _ in range(2)] == ["Think.", "Think of a sum."]
    with pytest.raises(NoHints, match="--repeat"):
        next_hint(tiny, state, "double")
    assert [hint.text for hint in hints_taken(tiny, state, "double")] == ["Look at 3.", "Think.", "Think of a sum."]


def test_an_instructor_may_count_hints_or_give_none(tiny: Course) -> None:
    """Counted hints appear in the progress table; if a course gives none, the message names the lesson."""
    path = tiny.root / "course.yaml"
    path.write_text(HINTS + "hints: counted\n", encoding="utf-8")
    hint = CliRunner().invoke(app, ["hint", "double", "--course", str(path)])
    assert "Hint 1 of 2: Think." in hint.output
    assert "For the next hint, run this again." in hint.output
    assert "counts" in hint.output
    progress = CliRunner().invoke(app, ["progress", "--course", str(path)])
    assert "1 of 2" in progress.output
    path.write_text(HINTS + "hints: never\n", encoding="utf-8")
    with pytest.raises(NoHints, match=r"exercises/double\.md"):
        next_hint(load_course(path), State(), "double")


@pytest.mark.parametrize("line", ["hints: off", "hints: often", "solutions: yes", "solutions: 3"])
def test_a_wrong_setting_is_reported_with_the_choices(tiny: Course, line: str) -> None:
    """The message for an unknown value, even YAML's `off`, names the line and the choices."""
    path = tiny.root / "course.yaml"
    path.write_text(HINTS + line + "\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"line 10.*never"):
        load_course(path)


def test_answers_are_shown_after_a_pass_or_as_the_course_says(tiny: Course) -> None:
    """Before a pass, if the course never shows answers, or if there is none, the message says what to do instead."""
    path = tiny.root / "course.yaml"
    with pytest.raises(SolutionWithheld, match="once your own code passes"):
        answer(tiny, State(), "double")
    save_and_record(tiny, RIGHT)
    text = answer(tiny, load_state(tiny, silent), "double")
    assert "return 2 * x" in text
    assert "SOLUTION" not in text
    path.write_text(HINTS + "solutions: always\n", encoding="utf-8")
    assert "def twice" in answer(load_course(path), State(), "twice")
    path.write_text(HINTS + "solutions: never\n", encoding="utf-8")
    with pytest.raises(SolutionWithheld, match="doesn't show solutions"):
        answer(load_course(path), load_state(tiny, silent), "double")
    (tiny.solutions / "double.py").unlink()
    with pytest.raises(SolutionWithheld, match="isn't in this copy"):
        answer(tiny, load_state(tiny, silent), "double")


def test_pages_about_approaches_take_their_code_from_right_answers(course: Course) -> None:
    """Each page compares several answers and has no marks left over; a mark without code is an error."""
    for exercise in course.exercises:
        page = approaches(course, exercise.id)
        if page:
            assert page.count("```python\n") >= 4, exercise.id
            assert "<!--" not in page, exercise.id
            assert page.count("*Good for*") == page.count("*Pitfall:*") == page.count("\n## "), exercise.id


def test_a_page_that_names_no_code_is_reported(tiny: Course) -> None:
    """The message names the missing code and the page."""
    write(tiny.approaches / "double.md", b"# Other ways\n\n<!-- code: sum.py double -->\n")
    with pytest.raises(CourseError, match=r"no `double` in .*sum\.py"):
        approaches(tiny, "double")


def test_hints_do_not_give_the_answer_away(course: Course) -> None:
    """Every exercise with hints has several, and none of them contains a line of the solution."""
    for exercise in course.exercises:
        text = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        lines = {" ".join(line.split("#")[0].split()) for line in text.splitlines()}
        code = [line for line in lines if len(line) > 12 and any(sign in line for sign in "=()")]
        assert not exercise.hints or len(exercise.hints) >= 3, exercise.id
        for hint in exercise.hints:
            assert not any(line in hint for line in code), (exercise.id, hint)


def test_the_commands_work_together(tiny: Course) -> None:
    """Reset, list, compare and restore work together; each says what it did and where the old work is."""
    path = str(tiny.root / "course.yaml")

    def typed(*words: str) -> str:
        run = CliRunner().invoke(app, [*words, "--course", path])
        assert run.exception is None, run.output
        return run.output

    assert "You haven't passed an exercise yet" in typed("checkpoint", "list")
    save_and_record(tiny, RIGHT)
    assert "double" in typed("checkpoint", "list")
    assert "hasn't changed since it passed" in typed("checkpoint", "diff", "double")
    assert "A copy of what you had: progress/kept/double-" in typed("reset", "double")
    assert "passed before, changed since" in typed("progress")
    assert "+    raise NotImplementedError" in typed("checkpoint", "diff", "double")
    assert "is back to the code that passed" in typed("checkpoint", "restore", "double")
    assert "return 2 * x" in typed("solution", "double")


def test_progress_of_one_exercise_says_what_is_next_for_it(tiny: Course) -> None:
    """`grader progress twice` shows one exercise, what it builds on, and where to begin; afterward, the solution."""
    here = tiny.stubs
    shown = run_module("grader", "progress", "twice.py", cwd=here).stdout
    assert "double " not in shown
    assert "Next: read exercises/twice.md (or: grader lesson twice), and write exercises/twice.py." in shown
    assert "It builds on double: if that is missing or wrong, the checks use a stand-in." in shown
    save_and_record(tiny, RIGHT)
    shown = run_module("grader", "progress", "double", cwd=here).stdout
    assert "passed" in shown
    assert "Other ways to write it: grader solution double" in shown


def test_the_end_of_the_course_says_what_follows(tiny: Course) -> None:
    """Once everything has passed, progress names the hidden checks and the first paragraph of docs/after.md."""
    after = tiny.root / "docs" / "after.md"
    after.parent.mkdir()
    after.write_text("# After\n\nThe book goes on\nwith tripling.\n\nMore.\n", encoding="utf-8")
    record(tiny, [Sighting("double", read(work(tiny, "double")) or b"", {})], silent)
    assert not is_finished(tiny, load_state(tiny, silent))
    for exercise in tiny.exercises:
        write(work(tiny, exercise.id), (tiny.solutions / f"{exercise.id}.py").read_bytes())
    done = run_module("pytest", *PLUGINS, cwd=tiny.root, variables={"COLUMNS": "100"})
    sentences = [
        "All exercises passed. Well done!",
        "You can run the hidden checks on your code, too: grader check --hidden",
        "The book goes on with tripling. Read docs/after.md",
    ]
    assert "Checkpoint: twice. What next? grader progress\n" + "\n".join(sentences) in done.stdout
    again = run_module("pytest", *PLUGINS, cwd=tiny.root, variables={"COLUMNS": "100"})
    assert "All exercises passed. Well done! What next? grader progress" in again.stdout
    assert "tripling" not in again.stdout
    assert finished(tiny, load_state(tiny, silent)) == sentences


def test_long_lines_continue_below_their_text() -> None:
    """On a narrow terminal, a long line continues in its own column, and words aren't broken."""
    line = "    usually   Adding one is not doubling, and adding two is not either."
    parts = fitted(line, 40)
    assert all(len(part) <= 40 for part in parts)
    assert all(part.startswith(" " * 14) for part in parts[1:])
    assert " ".join(" ".join(parts).split()) == " ".join(line.split())
    assert fitted(line, 100) == [line]
