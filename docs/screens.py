"""The screens that the docs quote: each function runs the real command in a copy of the course.

`make screens` puts what they print into the pages: cog runs the calls in the pages' comments. A test fails if one is
out of date. Times differ from run to run, so they are replaced by fixed ones.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from grader.course import load_course
from grader.course.mistakes import misconception, with_misconception
from grader.files import write_whole

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("exercises", "solutions", "tests/visible", "tests/hidden", "pictures", "capstone")
CHECKS_FAILED = 1
"""The exit status of a command that found a mistake in the code it checked."""
PATIENCE = 900
"""Seconds that a command may take."""
TIMES = re.compile(r"Checked at \d\d:\d\d:\d\d in [\d.]+ s\.")
SECONDS = re.compile(r"took \d+ seconds")
LEFT = re.compile(r"(?<= is due in ).*(?= \()")
"""How long is left until an assignment is due."""
MADE = re.compile(r"(?<= on )[\d-]{10} at \d\d:\d\d(?= UTC)")
RECEIPT = re.compile(r"\b[A-Z\d]{4}(?:-[A-Z\d]{4}){3}\b")
"""A receipt; it depends on the time at which the archive was made."""
LINE = 110
"""The longest line of quoted JSON, if it can be broken."""
LATE = """
late: {grace: 15m, per_day: 0.1}
assignments:
  - {id: norms, exercises: [layer_norm], due: 2027-01-31T23:59:00+01:00}
"""
ATTENTION = """
assignments:
  - {id: attention, exercises: [causal_attention, multi_head_attention], due: 2097-01-31T23:59:00+01:00}
"""
TIMES_FILE = "handed_in: {ann: 2027-02-01T00:20:00+01:00}\n"
MARKS_FILE = """
ann:
  comment: Clear code.
  scores:
    - {exercise: layer_norm, check: test_variance_is_the_biased_one, score: 1, reason: We changed the wording late.}
"""
GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section
"Example, Ann",4711,,aexample,Tuesday
"Smith, Bob",4712,,bsmith,Tuesday
"Tom, Typing",4714,,ttom,Tuesday
"Late, Eve",4715,,elate,Monday
"""
SUMMARY_END = re.compile(r"\n(=+|\d+ failed|-+ ).*", re.DOTALL)


def check(exercise: str, mistake: str) -> str:
    """Return the summary that pytest ends with when the visible checks of an exercise run on a mistake."""
    return _block(_summary(exercise, mistake))


def failure(exercise: str, mistake: str) -> str:
    """Return the first failure of that summary."""
    return _block(_from("  FAILED", _summary(exercise, mistake)).split("\n\n")[0])


def failure_after(exercise: str, before: str, after: str) -> str:
    """Return the first failure if a text is replaced everywhere in the solution of an exercise."""
    program = _program(exercise, "").replace(before, after)
    return _block(_from("  FAILED", _summary_of(exercise, program)).split("\n\n")[0])


def last_failure(exercise: str, mistake: str) -> str:
    """Return the program that is written when a mistake fails its first check."""
    with _copy_of_the_course() as folder:
        _write(folder, exercise, mistake)
        _run(folder, "check", exercise)
        program = (folder / "desk" / "last_failure.py").read_text(encoding="utf-8")
    return _block(program)


def watch(save: int) -> str:
    """Return what `grader watch` shows after the first save of `layer_norm`, which is wrong, or the second."""
    return _block(_watched()[0][save - 1])


def progress() -> str:
    """Return what `grader progress` prints after `layer_norm` has passed."""
    return _block(_watched()[1])


def tracks() -> str:
    """Return what `grader track` prints."""
    with _copy_of_the_course() as folder:
        return _block(_run(folder, "track"))


def predict(exercise: str) -> str:
    """Return what `grader predict` prints of an exercise's first question, and what it says about each answer."""
    with _copy_of_the_course() as folder:
        printed = _run(folder, "predict", exercise)
        asked = json.loads(_run(folder, "predict", exercise, "--json"))["questions"][0]
        first = printed[: printed.index("Question 2 of")].rstrip()
        wrong = next(option["letter"] for option in asked["options"] if option["explanation"])
        said = _run(folder, "predict", exercise, "--answer", f"{asked['id']}={wrong}").rstrip()
    return _block(f"{first}\n\nYour answer: {wrong}\n{said}\n")


def capstone() -> str:
    """Return what `grader capstone` prints with the solutions as the learner's modules, after some minutes."""
    return _block(_capstone_runs()[0])


def capstone_classify() -> str:
    """Return what `grader capstone classify` prints after that."""
    return _block(_capstone_runs()[1])


def capstone_instruct() -> str:
    """Return what `grader capstone instruct` prints after that."""
    return _block(_capstone_runs()[2])


@functools.cache
def _capstone_runs() -> tuple[str, str, str]:
    with _copy_of_the_course() as folder:
        shutil.copytree(folder / "solutions", folder / "exercises", dirs_exist_ok=True)
        runs = (_run(folder, "capstone", *task) for task in ((), ("classify",), ("instruct",)))
        times = ("took 120 seconds", "took 20 seconds", "took 150 seconds")
        trained, classified, instructed = (SECONDS.sub(each, run) for run, each in zip(runs, times, strict=True))
        # The pictures on the page are of the same runs.
        for name, picture in (("curve", "curve.svg"), ("instruct", "instruct/curve.svg")):
            shutil.copy(folder / "build" / "capstone" / picture, ROOT / "docs" / "capstone" / f"{name}.svg")
    return trained, classified, instructed


def late_example() -> str:
    """Return the example of late penalties, for the points that its two exercises have today."""
    course = load_course(ROOT / "course.yaml")
    points = sum(course.by_id[name].max_score for name in ("causal_attention", "multi_head_attention"))
    graded = {name for track in course.tracks if track.id in course.default_tracks for name in track.exercises}
    total = sum(course.by_id[name].max_score for name in graded)
    penalties = (
        ("February 1, 00:10", "no, it's within the grace period", 0.0, ""),
        ("February 1, 00:20", "one day", 0.1, "10%"),
        ("February 2, 20:00", "two days", 0.2, "20%"),
        ("February 6, 12:00", "six days", 0.5, "the maximum, 50%"),
    )
    rows = [
        f"| {handed_in} | {late} | {f'{name} of {points:g} = {share * points:g}' if name else '0'} | "
        f"{40 - share * points:g} |"
        for handed_in, late, share, name in penalties
    ]
    return "\n".join(
        [
            f"**An example.** `attention` has {points:g} points and is due at 23:59 on January 31.",
            "Ann scored 40.",
            "",
            "| handed in | late | deducted | Ann gets |",
            "| --- | --- | --- | --- |",
            *rows,
            "| February 8, 00:30 | closed | everything | 0 |",
            "| February 2, 20:00, with an extension of two days | no | 0 | 40 |",
            "",
            f"In the second case, if her other exercises scored 100 of {total - points:g}, Ann reads:",
            "",
            f"> 140 of {total:g} from the checks, minus {0.1 * points:g} for `attention` (one day late): "
            f"{140 - 0.1 * points:g} of {total:g}.",
        ]
    )


def regrade() -> str:
    """Return what `grader grade` prints about changed scores when a class of two is graded again."""
    with tempfile.TemporaryDirectory() as name:
        submissions, out = Path(name) / "submissions", Path(name) / "graded"
        for student, mistake in (("ann", "unbiased_variance"), ("bob", "shift_forgotten")):
            _save(submissions / student / "layer_norm.py", _program("layer_norm", mistake))
        _run(ROOT, "grade", str(submissions), "--out", str(out))
        _save(submissions / "bob" / "layer_norm.py", _program("layer_norm", ""))
        results = out / "results.json"
        earlier = msgspec.json.decode(results.read_bytes())
        # As an earlier version of the checks had decided: one of ann's checks has been repaired since.
        ann = next(submission for submission in earlier["submissions"] if submission["id"] == "ann")
        repaired = next(c for c in ann["exercises"]["layer_norm"]["checks"] if c["status"] == "passed")
        repaired |= {"status": "failed", "score": 0.0}
        ann["exercises"]["layer_norm"]["score"] -= 1
        for total in ("score", "final_score"):
            ann[total] -= 1
        results.write_bytes(msgspec.json.encode(earlier))
        printed = _run(ROOT, "grade", str(submissions), "--out", str(out), "--regrade")
    return _block(re.split(r"\n(?![ \w]*  )", _from("Since the last run", printed), maxsplit=1)[0])


def draft() -> str:
    """Return the entry that `grader misconception from` drafts from a module that somebody else has written."""
    with tempfile.TemporaryDirectory() as name:
        module = ROOT / "tests" / "kit" / "outside" / "fifth" / "layer_norm" / "shift_not_added.py"
        _save(Path(name) / "ann" / "layer_norm.py", module.read_text(encoding="utf-8"))
        printed = _run(ROOT, "misconception", "from", str(Path(name) / "ann"))
    return _block(_from("# Drafted from", printed)).replace("```text", "```yaml")


def hand_in() -> str:
    """Return what `grader hand-in` prints about an assignment with a right module and one with a syntax error."""
    return _block(_handed_in()[0])


def hand_in_verified() -> str:
    """Return what `grader hand-in --verify` prints about that archive, after somebody has changed one of its files."""
    return _block(_handed_in()[1])


@functools.cache
def _handed_in() -> tuple[str, str]:
    """Hand in an assignment, and verify its archive with another file in it; return what is printed each time."""
    with _copy_of_the_course() as folder:
        settings = folder / "course.yaml"
        settings.write_text(settings.read_text(encoding="utf-8") + ATTENTION, encoding="utf-8")
        _write(folder, "causal_attention", "")
        _write(folder, "layer_norm", "")
        broken = _program("multi_head_attention", "").replace("-> torch.Tensor:", "-> torch.Tensor")
        _save(folder / "exercises" / "multi_head_attention.py", broken)
        printed = _run(folder, "hand-in", "attention")
        with zipfile.ZipFile(folder / "hand-in-attention.zip") as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(folder / "changed.zip", "w") as archive:
            for file, content in files.items():
                archive.writestr(file, content + b"\n" if file == "causal_attention.py" else content)
        verified = _run(folder, "hand-in", "--verify", "changed.zip")
    return _steady(printed), _steady(verified)


def _steady(printed: str) -> str:
    """Replace what differs from run to run by something fixed."""
    printed = LEFT.sub("2 days and 3 hours", printed.replace("2097-01-31", "2027-01-31"))
    return RECEIPT.sub("7KQF-4XWD-93HT-NACP", MADE.sub("2027-01-29 at 19:41", printed))


def collect() -> str:
    """Return what `grader collect` prints about a small download from Canvas, with its gradebook.

    Ann's file is an archive with a receipt.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        right, wrong = _program("layer_norm", ""), _program("layer_norm", "unbiased_variance")
        with _copy_of_the_course() as copy:
            _save(copy / "exercises" / "layer_norm.py", right)
            _run(copy, "hand-in", "layer_norm")
            archive_of_ann = (copy / "hand-in-layer_norm.zip").read_bytes()
        files: dict[str, str | bytes] = {
            "exampleann_4711_9901_hand-in-layer_norm.zip": archive_of_ann,
            "smithbob_LATE_4712_9902_layer_norm.py": wrong,
            "smithbob_LATE_4712_9907_layer_norm-1.py": right,
            "typingtom_4714_text.html": "<p>My answer</p>",
            "notes.pdf": "",
        }
        with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
            for file, content in files.items():
                archive.writestr(file, content)
        _save(folder / "Grades.csv", GRADEBOOK)
        course = ("--course", str(ROOT / "course.yaml"))
        printed = _run(folder, "collect", "submissions.zip", "--people", "Grades.csv", "--out", "class", *course)
    return _block(_steady(printed))


def results() -> str:
    """Return the results of one submission with late work, a manual score and a comment, with one of its checks."""
    exercise, check = "layer_norm", "test_variance_is_the_biased_one"
    with _copy_of_the_course() as folder:
        settings = folder / "course.yaml"
        settings.write_text(settings.read_text(encoding="utf-8") + LATE, encoding="utf-8")
        _save(folder / "times.yaml", TIMES_FILE)
        _save(folder / "marks.yaml", MARKS_FILE)
        _save(folder / "submissions" / "ann" / f"{exercise}.py", _program(exercise, "unbiased_variance"))
        _save(folder / "submissions" / "ann" / "notes.txt", "Questions for class\n")
        options = ("--times", "times.yaml", "--marks", "marks.yaml")
        printed = _run(folder, "grade", "submissions", "--out", "graded", *options)
        try:
            content = msgspec.json.decode((folder / "graded" / "results.json").read_bytes())
        except FileNotFoundError:
            raise LookupError(f"there are no results:\n{printed}") from None
    (submission,) = content["submissions"]
    # Machines have different versions, and some have no sandbox and say so in a note. Digests change with the checks.
    digests = {"course_file": "2b00042f…", "visible_checks": "4c3e5a8f…", "hidden_checks": "90e3d1bb…"}
    content["course"] |= {"python": "3.12.8", "torch": "2.6.0", "version": digests}
    submission |= {"sandboxed": True, "notes": [note for note in submission["notes"] if "sandbox" not in note]}
    graded = submission["exercises"][exercise]
    graded["checks"] = [entry for entry in graded["checks"] if entry["id"] == check]
    submission["exercises"] = {exercise: graded}
    return "\n".join(["```json", _folded(content), "```"])


def check_in_json(exercise: str, mistake: str) -> str:
    """Return what `grader check --json` answers about a mistake, with the first check that it fails."""
    with _copy_of_the_course() as folder:
        _write(folder, exercise, mistake)
        answer = msgspec.json.decode(_run(folder, "check", exercise, "--json"))
    (checked,) = answer["exercises"]
    checked["checks"] = [check for check in checked["checks"] if check["status"] == "failed"][:1]
    return "\n".join(["```json", _folded(answer), "```"])


def _folded(content: object, indent: str = "") -> str:
    """Write JSON with what is short on a line, and the rest below each other."""
    line = msgspec.json.format(msgspec.json.encode(content), indent=0).decode()
    if not isinstance(content, dict | list) or len(indent) + len(line) <= LINE or not content:
        return line
    deeper = f"{indent} "
    if isinstance(content, list):
        items = [_folded(item, deeper) for item in content]
    else:
        items = [f"{msgspec.json.encode(key).decode()}: {_folded(value, deeper)}" for key, value in content.items()]
    begin, end = "[]" if isinstance(content, list) else "{}"
    return f"{begin}\n{deeper}" + f",\n{deeper}".join(items) + f"\n{indent}{end}"


def _summary(exercise: str, mistake: str) -> str:
    return _summary_of(exercise, _program(exercise, mistake))


def _summary_of(exercise: str, program: str) -> str:
    with _copy_of_the_course() as folder:
        _save(folder / "exercises" / f"{exercise}.py", program)
        printed = _run(folder, "check", exercise)
    return SUMMARY_END.sub("", _from(f"{exercise}: ", printed))


@functools.cache
def _watched() -> tuple[list[str], str]:
    """Save a wrong and a right `layer_norm` under `grader watch`; return its two screens and the progress after it."""
    with _copy_of_the_course() as folder:
        command = [sys.executable, "-m", "grader", "watch"]
        log = folder / "watched.txt"
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, env=_environment())
            try:
                _wait(log, "Nothing has been started yet", 1)
                _write(folder, "layer_norm", "unbiased_variance")
                _wait(log, "Checked at", 1)
                _write(folder, "layer_norm", "")
                _wait(log, "Checked at", 2)
            finally:
                process.terminate()
                process.wait()
        text = TIMES.sub("Checked at 15:31:54 in 0.90 s.", log.read_text(encoding="utf-8"))
        screens = [f"{_from('layer_norm: ', screen)}to stop." for screen in text.split("to stop.\n")[1:3]]
        return screens, _run(folder, "progress")


@contextmanager
def _copy_of_the_course() -> Iterator[Path]:
    """Make a copy of what a learner works with, so that nothing is written into the project."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in COPIED:
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        for file in ("course.yaml", "pyproject.toml", "tests/claims.yaml"):
            shutil.copyfile(ROOT / file, folder / file)
        yield folder


def _program(exercise: str, mistake: str) -> str:
    """Return the solution of an exercise, with a mistake of the catalog in it if one is named."""
    course = load_course(ROOT / "course.yaml")
    if not mistake:
        return (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
    return with_misconception(course, exercise, misconception(course, exercise, mistake))


def _write(folder: Path, exercise: str, mistake: str) -> None:
    _save(folder / "exercises" / f"{exercise}.py", _program(exercise, mistake))


def _save(path: Path, text: str) -> None:
    """Replace a file at once, as editors do, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())


def _run(folder: Path, *arguments: str) -> str:
    """Run `grader` in a folder, and return what it prints, without its progress.

    Raises:
        LookupError: it couldn't do its work; the message has all that it printed.
    """
    command = [sys.executable, "-m", "grader", *arguments]
    options = {"cwd": folder, "env": _environment(), "timeout": PATIENCE}
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode not in (0, CHECKS_FAILED):
        raise LookupError(f"grader {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}


def _wait(log: Path, text: str, times: int) -> None:
    """Wait until a text has been printed a number of times.

    Raises:
        TimeoutError: it hasn't after a long time.
    """
    end = time.monotonic() + PATIENCE
    while log.read_text(encoding="utf-8").count(text) < times:
        if time.monotonic() > end:
            raise TimeoutError(f"{text!r} was not printed {times} times:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.05)


def _from(begin: str, printed: str) -> str:
    """Return what was printed from a text on.

    Raises:
        LookupError: it wasn't printed.
    """
    if begin not in printed:
        raise LookupError(f"{begin!r} was not printed:\n{printed}")
    return printed[printed.index(begin) :]


def _block(text: str) -> str:
    """Write what a command printed as a block of Markdown."""
    lines = [line.rstrip() for line in text.strip("\n").rstrip().split("\n")]
    return "\n".join(["```text", *lines, "```"])
