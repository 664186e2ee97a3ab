"""`grader watch` checks each save at once, and no learner's code can stop it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from grader.course import Course, load_course
from grader.study.progress import course_progress
from grader.study.state import State
from grader.study.watch.files import Files
from grader.study.watch.messages import Broken, Checked, Died, Done, Report, WorkerReady
from grader.study.watch.screen import Screen
from grader.study.watch.warm import Warm

TinyCourse = Callable[..., Path]
RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return x + 1\n"
LOOP = "def double(x):\n    while True:\n        pass\n"
STUBBORN = "def double(x):\n    return sum(range(10**12))\n"
TWICE = "from .double import double\n\ndef twice(x):\n    return double(double(x))\n"
PATIENCE = 120
QUIET = 6.0
"""Seconds without an answer before a process counts as stuck; many, because the machine may be busy."""


def reports(warm: Warm) -> Iterator[Report]:
    """Yield the reports of a warm process until its order is finished."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        report = warm.receive() if warm.connection.poll(0.1) else warm.look()
        if report is not None:
            yield report
        if isinstance(report, (Done, Died, Broken)):
            return
    raise AssertionError("nothing came")


def tally(warm: Warm, exercise: str = "double") -> str:
    """Check an exercise; return the first line of its report, or how the process died."""
    warm.check([exercise])
    first_lines = [
        r.lines[0] if isinstance(r, Checked) else r.reason for r in reports(warm) if isinstance(r, (Checked, Died))
    ]
    return first_lines[0]


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course with right code for `double`."""
    course = load_course(tiny_course())
    course.stubs.mkdir()
    (course.stubs / "double.py").write_text(RIGHT, encoding="utf-8")
    return course


@pytest.mark.parametrize("forks", [None, False])
def test_a_warm_process_outlives_what_it_checks(tiny: Course, forks: bool | None) -> None:
    """Wrong, broken, exiting and endless code are each reported, and correct code still passes afterwards."""
    path = tiny.stubs / "double.py"
    warm = Warm(tiny.root / "course.yaml", ["double", "twice"], quiet=QUIET, forks=forks)
    try:
        assert "PASSED" in tally(warm)
        harmless = [(WRONG, "0 of 1"), ("def double(:\n", "0 of 1"), ("raise SystemExit\n", "0 of 1"), (LOOP, "0 of 1")]
        for text, expected in [
            *harmless,
            ("import os\nos._exit(3)\n", "exit status 3"),
            (STUBBORN, "did not return"),
        ]:
            path.write_text(text, encoding="utf-8")
            assert expected in tally(warm), text
        path.write_text(RIGHT, encoding="utf-8")
        assert "PASSED" in tally(warm)
        (tiny.stubs / "twice.py").write_text(TWICE, encoding="utf-8")
        assert "PASSED, all 2" in tally(warm, "twice")
        if forks is False:
            return
        # With fork, a new order abandons an endless one; without it, the process has to start again, as above.
        path.write_text(STUBBORN, encoding="utf-8")
        warm.check(["double"])
        time.sleep(0.3)
        path.write_text(RIGHT, encoding="utf-8")
        assert "PASSED" in tally(warm)
    finally:
        warm.close()


def test_checks_that_cannot_be_loaded_are_reported(tiny: Course) -> None:
    """If a file of checks can't be imported, it reports something instead of waiting forever."""
    (tiny.check_folder("visible") / "test_double.py").write_text("import nothing_of_the_kind\n", encoding="utf-8")
    warm = Warm(tiny.root / "course.yaml", ["double", "twice"], quiet=QUIET)
    try:
        assert any(isinstance(report, (Broken, WorkerReady)) for report in reports(warm))
    finally:
        warm.close()


def test_every_way_of_saving_a_file_is_noticed(tiny: Course) -> None:
    """A change is noticed by content: written in place, renamed over, deleted and created again, or several at once."""
    files = Files(tiny, ["double", "twice"])
    double, twice = tiny.stubs / "double.py", tiny.stubs / "twice.py"

    def changed() -> list[str]:
        exercises: list[str] = []
        end = time.monotonic() + 20
        while not exercises and time.monotonic() < end:
            if files.connection.poll(0.2):
                exercises = files.changed()
        return exercises

    try:
        # The observer takes a moment to start, so write until it sees something.
        for number in range(100):
            double.write_text(f"# {number}\n", encoding="utf-8")
            if files.connection.poll(0.2):
                break
        time.sleep(0.5)
        files.changed()
        double.write_text(WRONG, encoding="utf-8")
        assert changed() == ["double"]
        scratch = tiny.stubs / "double.py~"
        scratch.write_text(RIGHT, encoding="utf-8")
        os.replace(scratch, double)
        assert changed() == ["double"]
        double.unlink()
        assert changed() == ["double"]
        assert files.contents["double"] is None
        double.write_text(RIGHT, encoding="utf-8")
        twice.write_text(TWICE, encoding="utf-8")
        seen = set(changed())
        assert seen | (set() if seen == {"double", "twice"} else set(changed())) == {"double", "twice"}
    finally:
        files.close()


def test_it_runs_from_a_save_to_a_checkpoint(tiny: Course) -> None:
    """A learner sees a failing save, a passing one with the exercise that needs it, what is next, and a clean stop."""
    (tiny.stubs / "double.py").write_text(WRONG, encoding="utf-8")
    (tiny.stubs / "twice.py").write_text(TWICE, encoding="utf-8")
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "NO_COLOR": "1"}
    run = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch"],
        cwd=tiny.root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    out = run.stdout
    assert out is not None
    reader = threading.Thread(target=lambda: [lines.put(line) for line in out], daemon=True)
    reader.start()

    def wait_for(wanted: str) -> None:
        while wanted not in (line := lines.get(timeout=PATIENCE)):
            assert "Traceback" not in line

    try:
        wait_for("FAILED  Expected: Twice 3 is 6.")
        wait_for("Watching")
        (tiny.stubs / "double.py").write_text(RIGHT, encoding="utf-8")
        wait_for("double: PASSED")
        wait_for("Checkpoint: double")
        wait_for("All exercises passed")
        if os.name == "posix":
            os.killpg(run.pid, 2)
            wait_for("Stopped")
            assert run.wait(PATIENCE) == 0
        assert (tiny.root / "progress" / "passed" / "twice.py").is_file()
    finally:
        run.kill()
        run.wait()
        reader.join()
        out.close()


@pytest.mark.parametrize("width", [60, 80])
def test_the_screen_fits_a_narrow_terminal(tiny: Course, width: int) -> None:
    """No line is wider than the terminal, and a failure stays on top when another exercise passes."""
    console = Console(width=width, height=24, no_color=True, force_terminal=False)
    screen = Screen(console, tiny, ["double", "twice"])
    screen.checked("double", ["double: 0 of 1", "  FAILED  " + "a long sentence " * 12], False, [], 0.2)
    screen.checked("twice", ["twice: PASSED"], True, [], 0.2)
    with console.capture() as captured:
        screen.draw(course_progress(tiny, State()), ["Next: something."])
    printed = captured.get()
    assert printed.startswith("double: 0 of 1")
    assert max(map(len, printed.splitlines())) <= width
