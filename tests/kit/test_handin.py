"""`grader hand-in` packs what grading will take, warns of what may be a mistake, and its receipts tell what changed."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import msgspec
import pytest
from typer.testing import CliRunner

import grader
from docs.schemas import MANIFEST_SCHEMA_FILE
from grader.cli import app
from grader.collect import collect
from grader.course import Assignment, Course, load_course
from grader.course.lateness import LateRule
from grader.course.stub import make_stub
from grader.errors import GraderError, NotWritten, UsageError
from grader.grading import take_in
from grader.handin import (
    HandedIn,
    HandInRequest,
    Receipt,
    hand_in,
    receipts_of_submission,
    schema_text,
    steps,
    verify,
    version_of,
)
from grader.handin.checking import Rehearsal
from grader.handin.deadlines import about_due_date
from grader.handin.manifest import LETTERS, MANIFEST_PATH, Manifest, decoded, encoded, receipt_of, with_receipt
from grader.study.folder import work, write

TinyCourse = Callable[..., Path]
NOW = datetime(2027, 1, 30, 12, 0, tzinfo=UTC)
RIGHT = b"def double(x):\n    return 2 * x\n"
WRONG = b"def double(x):\n    return x + 1\n"
TWICE = b"from .double import double\n\n\ndef twice(x):\n    return double(double(x)) if x > 2 else 4\n"
WITH_HELPER = b"from .tools import two\n\n\ndef double(x):\n    return two() * x\n"
HELPER = b"def two():\n    return 2.0\n"
ASSIGNMENTS = """\
id: tiny
title: A tiny course
late: {grace: 15m, per_day: 0.1, at_most: 0.5, closes_after: 7d}
assignments:
  - {id: first, exercises: [double], due: 2027-01-31T12:00:00+00:00}
  - {id: second, exercises: [twice], due: 2027-02-28T12:00:00+00:00}
exercises:
  - {id: double, title: Double}
  - {id: twice, title: Twice, needs: [double]}
"""


def with_stubs(file: Path) -> Course:
    """Load a course, and write its stubs to exercises/."""
    course = load_course(file)
    for exercise in course.exercises:
        solution = course.solutions / f"{exercise.id}.py"
        if solution.is_file():
            write(work(course, exercise.id), make_stub(solution.read_text(encoding="utf-8")).encode())
    return course


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course with its stubs."""
    return with_stubs(tiny_course())


@pytest.fixture
def assigned(tiny_course: TinyCourse) -> Course:
    """Return the tiny course with its stubs and two assignments."""
    return with_stubs(tiny_course(course_dot_yaml=ASSIGNMENTS))


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run no checks: some tests are about other things."""
    monkeypatch.setattr(steps, "rehearse", lambda *arguments: Rehearsal({}))


def pack(course: Course, *names: str, out: Path | None = None, now: datetime = NOW) -> HandedIn:
    """Hand in, and return what was written."""
    return hand_in(course, HandInRequest(names, out), lambda sentence: None, now)


def files_in(archive: Path) -> dict[str, bytes]:
    """Return the content of each file in an archive."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rewritten(archive: Path, path: Path, files: Mapping[str, bytes | None]) -> Path:
    """Write a copy of an archive with other files; None leaves one out."""
    with zipfile.ZipFile(path, "w") as opened:
        for name, content in {**files_in(archive), **files}.items():
            if content is not None:
                opened.writestr(name, content)
    return path


def only_receipt(course: Course, path: Path) -> Receipt:
    """Return the only receipt of a submission."""
    (receipt,) = receipts_of_submission(path, version_of(course))
    return receipt


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def warnings_of(course: Course, *names: str, now: datetime = NOW) -> list[str]:
    """Return the warnings of a hand-in, of which the archive is deleted."""
    handed_in = pack(course, *names, now=now)
    handed_in.path.unlink()
    return list(handed_in.warnings)


def test_what_is_handed_in_is_graded_like_the_files_themselves(tiny: Course, tmp_path: Path) -> None:
    """The archive, a folder with it, its unpacked files and the learner's folder have the same files and scores."""
    for name, content in {"double": WITH_HELPER, "twice": TWICE, "tools": HELPER, "unused": b"x = 1\n"}.items():
        write(work(tiny, name), content)
    handed_in = pack(tiny)
    assert handed_in.path == tiny.root / "hand-in-tiny.zip"
    assert {line.exercise: line.sentence for line in handed_in.about} == {
        "double": "passes its visible check",
        "twice": "1 of 2 visible checks pass",
    }
    packed = files_in(handed_in.path)
    assert packed.keys() == {".hand-in/manifest.json", "double.py", "twice.py", "tools.py"}
    assert [packed[f"{name}.py"] for name in ("double", "twice", "tools")] == [WITH_HELPER, TWICE, HELPER]
    submissions = tmp_path / "class"
    (submissions / "bob").mkdir(parents=True)
    (submissions / "ann.zip").write_bytes(handed_in.path.read_bytes())
    (submissions / "bob" / handed_in.path.name).write_bytes(handed_in.path.read_bytes())
    for name, content in packed.items():
        write(submissions / "cyd" / name, content)
        if not name.startswith("."):
            write(submissions / "dan" / name, content)
    out = tmp_path / "graded"
    done = CliRunner().invoke(
        app, ["grade", str(submissions), "--out", str(out), "--course", str(tiny.file), "--jobs", "1", "--quiet"]
    )
    assert done.exit_code == 0, done.output
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))["submissions"]
    assert {result["id"]: result["score"] for result in results} == dict.fromkeys(("ann", "bob", "cyd", "dan"), 5.0)
    assert len({result["digest"] for result in results}) == 1
    assert all(result["notes"] == [] for result in results)
    assert "Receipts: 3 of 4 submissions have one, and 3 of 3 match their files: receipts.csv." in done.output
    table = rows(out / "receipts.csv")
    assert [(row["submission"], row["archive"], row["receipt"], row["status"]) for row in table] == [
        ("ann", "ann.zip", handed_in.manifest.receipt, "matches"),
        ("bob", handed_in.path.name, handed_in.manifest.receipt, "matches"),
        ("cyd", "", handed_in.manifest.receipt, "matches"),
    ]


MANY = (
    "right",
    "partly",
    "loops",
    "nameless",
    "fileless",
    "reading",
    "helpless",
    "broken",
    "binary",
    "absent",
    "large",
)
MANY_MODULES = {
    "right": b"def right(x):\n    return 2 * x\n",
    "partly": b"def partly(x):\n    return 6.0\n",
    "loops": b"while True:\n    pass\n",
    "nameless": b"def other(x, y, z):\n    return 2\n",
    "fileless": b"WORDS = open('words.txt').read()\n\n\ndef fileless(x):\n    return len(WORDS)\n",
    "reading": b"def reading(x):\n    return open('words.txt').read()\n",
    "helpless": b"from .nothing import two\n\n\ndef helpless(x):\n    return two() * x\n",
    "broken": b"def broken(x):\n    return (2 *\n",
    "binary": b"\x7fELF\0\0\0\1\2\3",
}


def test_each_exercise_gets_one_line(tiny_course: TinyCourse) -> None:
    """A line says how many visible checks pass, or why the exercise will fail: also an endless loop ends in time."""
    check = '''\
        """Visible checks."""

        from grader.checks import expect_equal


        def test_three(learner):
            """Twice 3 is 6."""
            expect_equal(learner.call("NAME", 3.0), 6.0)


        def test_four(learner):
            """Twice 4 is 8."""
            expect_equal(learner.call("NAME", 4.0), 8.0)
        '''
    yaml = "id: many\ntitle: Many\nlimits: {call: 1, after_timeout: 0.5}\nexercises:\n"
    yaml += "".join(f"  - {{id: {name}, title: T}}\n" for name in MANY)
    tests = {f"tests__visible__test_{name}_dot_py": check.replace("NAME", name) for name in MANY}
    course = load_course(tiny_course(course_dot_yaml=yaml, **tests))
    for name, content in MANY_MODULES.items():
        write(work(course, name), content)
    with work(course, "large").open("wb") as file:
        file.truncate(100 * 2**20)
    handed_in = pack(course, *MANY)
    said = {line.exercise: line.sentence for line in handed_in.about}
    fails = "will fail when graded, because"
    assert said["right"] == "passes all 2 visible checks"
    assert said["partly"] == "1 of 2 visible checks pass"
    assert re.sub(r":\d\)", ")", said["loops"]) == (
        f"{fails} it can't be imported: no answer after 1 s (exercises/loops.py)"
    )
    assert said["nameless"] == f"{fails} it has no `nameless`, which the exercise asks for"
    assert said["fileless"].startswith(f"{fails} it needs something that isn't there: ")
    assert "words.txt" in said["fileless"]
    assert said["reading"].startswith(f"{fails} it needs something that isn't there: ")
    assert said["reading"].endswith("(exercises/reading.py:2)")
    assert said["helpless"] == f"{fails} it imports `nothing`, which isn't handed in (exercises/helpless.py:1)"
    assert said["broken"] == f"{fails} of a syntax error at exercises/broken.py:2: '(' was never closed"
    assert said["binary"] == f"{fails} exercises/binary.py isn't a text file"
    assert said["absent"] == "not started"
    assert said["large"] == f"{fails} exercises/large.py is 100.0 MiB large, over the limit of 1 MiB"
    assert [entry.path for entry in handed_in.manifest.files] == [f"{name}.py" for name in MANY_MODULES]
    assert handed_in.manifest.exercises["partly"] == msgspec.convert(
        {"status": "failed", "passed": 1, "checks": 2}, type(handed_in.manifest.exercises["partly"])
    )
    assert handed_in.warnings == (
        "There is no such file: exercises/absent.py.",
        "Not in the archive, for the reason above: exercises/large.py.",
    )
    assert "To see what is wrong: grader check partly. After you fix it, make the archive again." in handed_in.lines()


def test_checks_that_cannot_run_here_keep_nobody_from_handing_in(tiny: Course) -> None:
    """If the checks can't be run, the archive has the files all the same, and a sentence says why."""
    write(work(tiny, "double"), RIGHT)
    write(
        tiny.check_folder("visible") / "test_double.py",
        b'import nothing_of_the_kind\n\n\ndef test_x(l):\n    """T."""\n',
    )
    handed_in = pack(load_course(tiny.file))
    assert files_in(handed_in.path)["double.py"] == RIGHT
    assert handed_in.about[0].sentence == "could not be checked here"
    assert handed_in.manifest.exercises["double"].status == "not_checked"
    assert any(sentence.startswith("The visible checks could not be run here, but") for sentence in handed_in.warnings)


@pytest.mark.usefixtures("unchecked")
def test_the_command_prints_what_was_written(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command names the archive, its files and the receipt, and says what a receipt isn't; then it verifies."""
    monkeypatch.chdir(tiny.root)
    write(work(tiny, "double"), RIGHT)
    done = CliRunner().invoke(app, ["hand-in", "double", "--out", "größe.zip"])
    assert done.exit_code == 0, done.output
    assert "Written: größe.zip, with double.py\n" in done.output
    assert "A receipt is a checksum and not a signature" in done.output
    (code,) = re.findall(r"^Receipt: (\S+)$", done.output, re.MULTILINE)
    assert re.fullmatch(rf"([{LETTERS}]{{4}}-){{3}}[{LETTERS}]{{4}}", code)
    verified = CliRunner().invoke(app, ["hand-in", "--verify", "größe.zip"])
    assert verified.exit_code == 0
    assert f"Receipt: {code}\nMade for double on " in verified.output
    assert "Everything matches" in verified.output
    rewritten(tiny.root / "größe.zip", tiny.root / "other.zip", {"double.py": WRONG})
    verified = CliRunner().invoke(app, ["hand-in", "--verify", "other.zip"])
    assert verified.exit_code == 1
    assert "What differs:\n  Changed since the receipt: double.py.\n" in verified.output


@pytest.mark.usefixtures("unchecked")
def test_the_manifest_agrees_with_its_schema(tiny: Course) -> None:
    """The published schema is what the code generates, and the manifest that is written agrees with it."""
    assert MANIFEST_SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "Run: python -m docs.schemas"
    write(work(tiny, "double"), RIGHT)
    content = files_in(pack(tiny).path)[MANIFEST_PATH.as_posix()]
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(json.loads(content))
    manifest = decoded(content)
    assert (manifest.created, manifest.grader, manifest.course) == (NOW, grader.__version__, version_of(tiny))
    assert manifest.receipt == receipt_of(manifest)


@pytest.mark.usefixtures("unchecked")
def test_a_receipt_depends_on_everything_in_the_manifest(tiny: Course) -> None:
    """The same work has the same receipt, and a receipt changes with any field."""
    write(work(tiny, "double"), RIGHT)
    first, again, later = pack(tiny), pack(tiny), pack(tiny, now=NOW + timedelta(seconds=1))
    assert first.manifest == again.manifest
    assert first.path.read_bytes() == again.path.read_bytes()
    assert first.manifest.receipt != later.manifest.receipt
    for field, value in (("assignment", "x"), ("files", []), ("exercises", {}), ("grader", "2")):
        assert receipt_of(msgspec.structs.replace(first.manifest, **{field: value})) != first.manifest.receipt


def other_manifest(content: bytes, **changes: object) -> bytes:
    """Change fields of a manifest, but not its receipt."""
    return encoded(msgspec.structs.replace(decoded(content), **changes))


@pytest.mark.usefixtures("unchecked")
def test_a_receipt_check_says_what_differs(tiny: Course, tmp_path: Path) -> None:
    """A file that was changed, taken out or added is named, and so is a manifest that was changed."""
    for name, content in {"double": RIGHT, "twice": TWICE}.items():
        write(work(tiny, name), content)
    handed_in = pack(tiny)
    path, original = tmp_path / "changed.zip", files_in(handed_in.path)[MANIFEST_PATH.as_posix()]

    def differences(**files: bytes | None) -> tuple[str, ...]:
        named = {name.replace("_dot_", "."): content for name, content in files.items()}
        return only_receipt(tiny, rewritten(handed_in.path, path, named)).differences

    assert differences() == ()
    assert differences(double_dot_py=WRONG) == ("Changed since the receipt: double.py.",)
    assert differences(double_dot_py=None) == ("In the manifest, but not here: double.py.",)
    assert differences(tools_dot_py=HELPER) == ("Here, but not in the manifest: tools.py.",)
    forged = other_manifest(original, assignment="another")
    (sentence,) = only_receipt(tiny, rewritten(handed_in.path, path, {str(MANIFEST_PATH): forged})).differences
    assert sentence.startswith(f"The manifest was changed: its receipt was {handed_in.manifest.receipt}, and ")
    # Whoever makes a new manifest gets a new receipt: it is no signature.
    new = encoded(with_receipt(decoded(forged)))
    receipt = only_receipt(tiny, rewritten(handed_in.path, path, {str(MANIFEST_PATH): new}))
    assert receipt.differences == ()
    assert receipt.code != handed_in.manifest.receipt


@pytest.mark.usefixtures("unchecked")
def test_another_version_of_the_course_is_a_remark(tiny: Course) -> None:
    """Whoever hands in with other checks, another course.yaml or another course is named; their files still match."""
    write(work(tiny, "double"), RIGHT)
    archive = pack(tiny).path
    check = tiny.check_folder("visible") / "test_double.py"
    before = check.read_bytes()
    check.write_bytes(before.replace(b"\n", b"\r\n"))
    assert only_receipt(tiny, archive).remarks == ()
    check.write_bytes(before + b"\n# changed\n")
    assert "its visible checks differ" in only_receipt(tiny, archive).remarks[0]
    assert only_receipt(tiny, archive).status == "matches"
    # A learner whose course has changed since the earlier archive hears of it.
    assert any("Your course has changed since" in sentence for sentence in pack(tiny).warnings)
    check.write_bytes(before)
    tiny.file.write_bytes(tiny.file.read_bytes() + b"# changed\n")
    assert "its course.yaml differs" in only_receipt(tiny, archive).remarks[0]
    assert only_receipt(replace(tiny, id="other"), archive).remarks == (
        "It was made for another course: `tiny`, and not `other`.",
    )


NOTEBOOK = {"cells": [{"cell_type": "code", "source": "def double(x):\n    return 0", "outputs": [], "metadata": {}}]}
NOTEBOOK |= {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
FORGED = {
    "a notebook": json.dumps(NOTEBOOK).encode(),
    "empty": b"",
    "binary": bytes(range(256)),
    "nested": b'{"schema": ' + b"[" * 100_000,
    "deep in an unknown field": b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b', "schema": 1}',
    "huge": b'{"schema": 1, "assignment": "' + b"x" * 2**20 + b'"}',
    "another schema": b'{"schema": 2}',
    "a huge number": b'{"schema": ' + b"9" * 5000 + b"}",
    "a list": b"[1, 2]",
    "surrogates": b'{"schema": 1, "assignment": "\\ud800"}',
    "no time zone": b'{"schema": 1, "created": "2027-01-01T00:00:00"}',
}


@pytest.mark.parametrize("content", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("packed", [True, False])
def test_a_forged_manifest_neither_breaks_nor_influences_grading(
    tiny: Course, tmp_path: Path, content: bytes, packed: bool
) -> None:
    """Grading reads the same with whatever manifest, and the receipt check calls it unreadable in a sentence."""
    plain, forged = tmp_path / "plain" / "ann", tmp_path / "forged" / "ann"
    write(plain / "twice.py", TWICE)
    if packed:
        forged.mkdir(parents=True)
        with zipfile.ZipFile(forged / "hand-in-tiny.zip", "w") as archive:
            archive.writestr("twice.py", TWICE)
            archive.writestr(str(MANIFEST_PATH), content)
    else:
        write(forged / "twice.py", TWICE)
        write(forged / MANIFEST_PATH, content)
    assert take_in(forged, tiny) == take_in(plain, tiny)
    receipt = only_receipt(tiny, forged)
    assert (receipt.status, receipt.code) == ("unreadable", "")
    (sentence,) = receipt.differences
    assert sentence.startswith("The manifest ")
    assert len(sentence) < 100


@pytest.mark.usefixtures("unchecked")
def test_a_manifest_reads_no_other_files(tiny: Course, tmp_path: Path) -> None:
    """Paths that lead elsewhere, links and large files count as missing, and nothing in a manifest is a formula."""
    write(work(tiny, "double"), RIGHT)
    manifest = pack(tiny).manifest
    (tmp_path / "secret.py").write_bytes(RIGHT)
    folder = tmp_path / "class" / "ann"
    write(folder / "double.py", RIGHT)
    (folder / "link.py").symlink_to(tmp_path / "secret.py")
    (entry,) = manifest.files
    paths = ["../../secret.py", str(tmp_path / "secret.py"), "link.py", "=1+1", "a\x1b[31m.py"]
    files = [entry, *(msgspec.structs.replace(entry, path=path) for path in paths)]
    forged = with_receipt(msgspec.structs.replace(manifest, files=files, assignment="=cmd()"))
    write(folder / MANIFEST_PATH, encoded(forged))
    receipt = only_receipt(tiny, folder)
    assert receipt.differences[0].count(",") == len(paths)
    assert "\x1b" not in receipt.differences[0]
    out = tmp_path / "out"
    out.mkdir()
    (sentence, problem) = grader.handin.class_receipts.receipts_of_class(tiny, {"ann": folder}, out)
    assert sentence.startswith("Receipts: 1 of 1 submissions have one, and 0 of 1 match")
    assert problem.startswith("A receipt doesn't match. ann: loose files: In the manifest, but not here: ")
    assert rows(out / "receipts.csv")[0]["assignment"] == "'=cmd()"


def test_grading_without_receipts_writes_no_table(tiny: Course, tmp_path: Path) -> None:
    """A class without receipts has no table and no sentence; a table of an earlier run is renewed."""
    write(tmp_path / "ann" / "double.py", RIGHT)
    told = grader.handin.class_receipts.receipts_of_class
    assert told(tiny, {"ann": tmp_path / "ann"}, tmp_path) == []
    assert not (tmp_path / "receipts.csv").exists()
    (tmp_path / "receipts.csv").write_text("old", encoding="utf-8")
    assert told(tiny, {"ann": tmp_path / "ann"}, tmp_path) == []
    assert rows(tmp_path / "receipts.csv") == []


@pytest.mark.usefixtures("unchecked")
def test_collecting_confirms_receipts(tiny: Course, tmp_path: Path) -> None:
    """`grader collect` lists receipts and says whose files differ; a later download leaves other rows alone."""
    write(work(tiny, "double"), RIGHT)
    right = pack(tiny, "double")
    wrong = rewritten(right.path, tmp_path / "wrong.zip", {"double.py": WRONG})
    download, out = tmp_path / "submissions.zip", tmp_path / "out"
    with zipfile.ZipFile(download, "w") as archive:
        archive.writestr("exampleann_4711_99_hand-in-double.zip", right.path.read_bytes())
        archive.writestr("smithbob_4712_98_hand-in-double.zip", wrong.read_bytes())
        archive.writestr("plaincyd_4713_97_notes.txt", "x")
    printed = "\n".join(collect(download, out, tiny).lines())
    code = right.manifest.receipt
    assert printed.startswith("3 submissions of `double` from Canvas")
    assert f"  exampleann: {code}, its files match\n  smithbob: {code}, its files don't match\n" in printed
    assert (
        "  A receipt doesn't match. smithbob: hand-in-double.zip: Changed since the receipt: double.py. Grading takes "
        "the files that are there; ask the student for the archive." in printed
    )
    assert "times.yaml, receipts.csv." in printed
    assert [(row["submission"], row["status"]) for row in rows(out / "receipts.csv")] == [
        ("exampleann", "matches"),
        ("smithbob", "differs"),
    ]
    with zipfile.ZipFile(download, "w") as archive:
        archive.writestr("smithbob_4712_102_hand-in-double-1.zip", right.path.read_bytes())
    collect(download, out, tiny)
    table = {row["submission"]: row["status"] for row in rows(out / "receipts.csv")}
    assert table == {"exampleann": "matches", "smithbob": "matches"}


@pytest.mark.usefixtures("unchecked")
def test_each_warning_comes_once(assigned: Course) -> None:
    """A stub, a file of another exercise, work that isn't included, other assignments, and notebooks are warned of."""
    write(work(assigned, "double"), RIGHT)
    left = "first is due in 1 day (2027-01-31 12:00 UTC)."
    assert warnings_of(assigned, "first") == [left]
    assert warnings_of(assigned, "double") == [left]
    write(work(assigned, "twice").with_suffix(".ipynb"), b"{}")
    assert warnings_of(assigned, "first", "second") == [
        "Nothing is written yet, so it isn't in the archive: exercises/twice.py.",
        "These exercises belong to 2 assignments: first, second. If you hand them in separately, name one: "
        "grader hand-in first",
        left,
        "second is due in 29 days (2027-02-28 12:00 UTC).",
        "Notebooks aren't included: exercises/twice.ipynb. Hand them in yourself, next to the archive.",
    ]
    write(work(assigned, "twice"), RIGHT)
    assert warnings_of(assigned, "second") == [
        "exercises/twice.py seems to be for double, and has nothing of twice. Look into it.",
        "second is due in 29 days (2027-02-28 12:00 UTC).",
        "Begun, but not included: double. To hand in everything that you have begun: grader hand-in",
    ]
    write(work(assigned, "twice"), TWICE)
    (work(assigned, "tools")).symlink_to(assigned.root / "nowhere.py")
    write(work(assigned, "double"), WITH_HELPER)
    assert warnings_of(assigned, "first") == [
        "exercises/tools.py isn't in the archive, although your modules import it: it is a link to a file that can't be "
        "found; put the file itself there.",
        left,
        "Begun, but not included: twice. To hand in everything that you have begun: grader hand-in",
    ]
    write(work(assigned, "double"), RIGHT)
    late = NOW + timedelta(days=2, hours=3)
    assert warnings_of(assigned, "first", now=late) == [
        "first was due 1 day and 3 hours ago (2027-01-31 12:00 UTC): handed in now, it is 2 days late, which costs 20% "
        "of its points. An extension that you have isn't known here.",
        "You have also begun second, which isn't due yet. If you meant that: grader hand-in second",
        "Begun, but not included: twice. To hand in everything that you have begun: grader hand-in",
    ]
    # An assignment that is over isn't missed from the next one.
    assert warnings_of(assigned, "second", now=late) == [
        "second is due in 26 days and 21 hours (2027-02-28 12:00 UTC)."
    ]


@pytest.mark.parametrize(
    ("after", "rule", "expected"),
    [
        (-timedelta(days=1, minutes=61), None, "a is due in 1 day and 1 hour (2027-01-30 12:00 UTC)."),
        (-timedelta(seconds=30), None, "a is due in less than a minute (2027-01-30 12:00 UTC)."),
        (timedelta(minutes=5), None, "a was due 5 minutes ago (2027-01-30 12:00 UTC); the course has no penalty for late work."),
        (timedelta(minutes=5), LateRule(grace="10m"), "a was due 5 minutes ago (2027-01-30 12:00 UTC), which still counts as on time."),
        (timedelta(days=9), LateRule(per_day=0.1, closes_after="7d"), "a was due 9 days ago (2027-01-30 12:00 UTC), and is closed: handed in now, it scores 0."),
        (timedelta(hours=1), LateRule(per_day=0.25), "a was due 1 hour ago (2027-01-30 12:00 UTC): handed in now, it is one day late, which costs 25% of its points."),
    ],
)  # fmt: skip
def test_what_being_late_costs(after: timedelta, rule: LateRule | None, expected: str) -> None:
    """Before the due date, it says how long is left; after it, what the course's rule costs."""
    assert about_due_date(Assignment("a", ["double"], NOW, rule), NOW + after).startswith(expected)
    assert about_due_date(Assignment("a", ["double"]), NOW) == ""


@pytest.mark.usefixtures("unchecked")
def test_what_is_handed_in_can_be_named(assigned: Course) -> None:
    """An assignment, exercises, or a file's name say what is handed in; by default, it is everything begun."""
    with pytest.raises(UsageError, match="Nothing to hand in: you haven't begun an exercise"):
        pack(assigned)
    with pytest.raises(UsageError, match=r"nothing is written in exercises/double\.py yet"):
        pack(assigned, "first")
    notebook = work(assigned, "double").with_suffix(".ipynb")
    write(notebook, b"{}")
    with pytest.raises(UsageError, match=r"notebooks such as exercises/double\.ipynb aren't packed"):
        pack(assigned, "first")
    notebook.unlink()
    write(work(assigned, "double"), RIGHT)
    assert pack(assigned).path.name == "hand-in-first.zip"
    assert pack(assigned, "double.py").path.name == "hand-in-first-2.zip"
    write(work(assigned, "twice"), TWICE)
    assert pack(assigned).path.name == "hand-in-tiny.zip"
    assert pack(assigned, "twice,double").selection.exercises == ("double", "twice")
    assert pack(assigned, "second").manifest.assignment == "second"
    with pytest.raises(UsageError, match=r"no assignment or exercise `secon` \(did you mean `second`\?\)"):
        pack(assigned, "secon")
    with pytest.raises(UsageError, match=r"did you mean `twice`.*The assignments are: first, second\."):
        pack(assigned, "twise")


@pytest.mark.usefixtures("unchecked")
def test_assignments_with_numbers_are_not_versions_of_one(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """The archives of `week-1` and `week-2` stay next to each other when one is collected after the other."""
    numbered = ASSIGNMENTS.replace("first", "week-1").replace("second", "week-2")
    course, download = with_stubs(tiny_course(course_dot_yaml=numbered)), tmp_path / "submissions.zip"
    for name, content in {"double": RIGHT, "twice": TWICE}.items():
        write(work(course, name), content)
    for assignment in ("week-1", "week-2"):
        archive = pack(course, assignment).path
        with zipfile.ZipFile(download, "w") as opened:
            opened.writestr(f"exampleann_4711_99_{archive.name}", archive.read_bytes())
        assert collect(download, tmp_path / "out", course).assignment == assignment
    there = sorted(path.name for path in (tmp_path / "out" / "submissions" / "exampleann").iterdir())
    assert there == ["hand-in-week_1.zip", "hand-in-week_2.zip"]
    assert [row["assignment"] for row in rows(tmp_path / "out" / "receipts.csv")] == ["week-1", "week-2"]


@pytest.mark.usefixtures("unchecked")
def test_no_archive_is_replaced(tiny: Course, tmp_path: Path) -> None:
    """A second archive gets a number, in whatever folder, and the learner is told which one to upload."""
    write(work(tiny, "double"), RIGHT)
    first = pack(tiny)
    before = first.path.read_bytes()
    write(work(tiny, "double"), WRONG)
    second = pack(tiny)
    assert (second.path.name, first.path.read_bytes()) == ("hand-in-double-2.zip", before)
    assert "hand-in-double.zip was kept. Upload only the new archive." in second.warnings
    assert pack(tiny, out=tmp_path).path == tmp_path / "hand-in-double.zip"
    assert pack(tiny, out=tmp_path / "new" / "mine.zip").path == tmp_path / "new" / "mine.zip"
    assert pack(tiny, out=tmp_path / "mine.zip").path == tmp_path / "mine.zip"
    assert pack(tiny, out=tmp_path / "mine.zip").path == tmp_path / "mine-2.zip"
    with pytest.raises(UsageError, match=r"Let it end in \.zip: --out mine\.txt\.zip"):
        pack(tiny, out=tmp_path / "mine.txt")


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.ENOSPC, "Free some space"), (errno.EROFS, "Name a folder that you may write to")]
)
@pytest.mark.usefixtures("unchecked")
def test_an_archive_that_cannot_be_written_is_one_sentence(
    tiny: Course, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    """On a full or read-only disk, a sentence says what to do; the learner's files stay, and no half archive."""
    write(work(tiny, "double"), RIGHT)

    def fail(path: Path, content: bytes) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("grader.writing.write_whole", fail)
    with pytest.raises(NotWritten, match=rf"hand-in-double\.zip cannot be written .*{remedy}"):
        pack(tiny)
    assert work(tiny, "double").read_bytes() == RIGHT
    assert not list(tiny.root.glob("*.zip"))


@pytest.mark.usefixtures("unchecked")
def test_files_that_are_no_files_are_named(tiny: Course, tmp_path: Path) -> None:
    """A link is followed and named; a link to nothing, a folder and a helper with a foreign name are named."""
    (tmp_path / "elsewhere.py").write_bytes(b"from .gr\xc3\xb6\xc3\x9fe import two\n" + RIGHT)
    write(work(tiny, "größe"), HELPER)
    path = work(tiny, "double")
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere.py")
    handed_in = pack(tiny, "double")
    assert files_in(handed_in.path)["double.py"] == (tmp_path / "elsewhere.py").read_bytes()
    assert "exercises/double.py is a link; the archive has a copy of the file that it points to." in handed_in.warnings
    path.unlink()
    path.symlink_to(tmp_path / "nowhere.py")
    with pytest.raises(UsageError, match=r"exercises/double\.py is a link to a file that can't be found"):
        pack(tiny, "double")
    path.unlink()
    path.mkdir()
    with pytest.raises(UsageError, match=r"exercises/double\.py is not a regular file\. Fix that"):
        pack(tiny)


def test_an_archive_that_is_none_is_one_sentence(tiny: Course, tmp_path: Path) -> None:
    """A file that isn't there, isn't an archive, is damaged or has no manifest is an error that says what to do."""
    with pytest.raises(UsageError, match=r"doesn't exist\. Name the archive"):
        verify(tiny, tmp_path / "nothing.zip")
    (tmp_path / "text.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="is neither a zip archive nor a folder"):
        verify(tiny, tmp_path / "text.txt")
    (tmp_path / "damaged.zip").write_bytes(b"PK\3\4damaged")
    with pytest.raises(UsageError, match=r"can't be opened: .* Ask for it again"):
        verify(tiny, tmp_path / "damaged.zip")
    with zipfile.ZipFile(tmp_path / "plain.zip", "w") as archive:
        archive.writestr("double.py", RIGHT)
    with pytest.raises(UsageError, match="has no manifest, so it has no receipt"):
        verify(tiny, tmp_path / "plain.zip")


def test_receipts_never_stop_grading(tiny: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If receipts can't be confirmed, grading ends as it would without, and a sentence says so."""

    def fail(*arguments: object) -> list[str]:
        raise GraderError("receipts.csv cannot be written. Close it.")

    monkeypatch.setattr("grader.api.receipts_of_class", fail)
    write(tmp_path / "ann" / "double.py", RIGHT)
    words = ["grade", "--one", str(tmp_path / "ann"), "--out", str(tmp_path / "out"), "--course", str(tiny.file)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "Receipts could not be confirmed: receipts.csv cannot be written. Close it." in done.output


def test_a_manifest_has_bounds() -> None:
    """A manifest lists a bounded number of files, so that checking one takes bounded time."""
    properties = json.loads(schema_text())["$defs"][Manifest.__name__]["properties"]
    assert properties["files"]["maxItems"] <= 500
    assert properties["exercises"]["maxProperties"] <= 500
