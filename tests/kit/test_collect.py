"""`grader collect` makes folders, a roster and hand-in times from every platform's download, and loses nothing."""

from __future__ import annotations

import csv
import functools
import io
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies
from typer.testing import CliRunner

from grader.cli import app
from grader.collect import PLATFORMS, Collected, CollectOptions, collect, pack_feedback
from grader.collect.canvas import original_name
from grader.collect.names import first_name_first, folder_name, same_name
from grader.course import Course, load_course
from grader.errors import CollectError
from grader.grading.class_files import read_register
from grader.reports import read_roster
from tests.kit.conftest import ROOT

TinyCourse = Callable[..., Path]
RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return x\n"
BERLIN = "Europe/Berlin"


@functools.cache
def the_course() -> Course:
    """Return the course of this project."""
    return load_course(ROOT / "course.yaml")


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return a course of two small exercises."""
    return load_course(tiny_course())


def zip_of(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a zip file with these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def folder_of(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a folder with these files."""
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def tree(out: Path, below: str = "submissions") -> dict[str, str]:
    """Return the content of the files below a folder, by path."""
    folder = out / below
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(errors="replace") for path in paths}


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table that was written, without empty cells."""
    text = path.read_text(encoding="utf-8-sig")
    return [{key: value for key, value in row.items() if value} for row in csv.DictReader(io.StringIO(text))]


def shown(collected: Collected) -> str:
    """Return what the command prints."""
    return "\n".join(collected.lines())


CANVAS = {
    "exampleann_4711_99_double.py": RIGHT,
    "smithbob_LATE_4712_100_double-1.py": RIGHT,
    "smithbob_LATE_4712_98_double.py": WRONG,
    "zoëcyd_4713_101_my work 2_3_4.zip": b"PK",
    "typingtom_4714_text.html": "<p>My answer</p>",
    "notes.pdf": "not a submission",
    "__MACOSX/._exampleann_4711_99_double.py": "x",
    ".DS_Store": "x",
}
GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,Double (17)
    Points Possible,,,,,2
"Example, Ann",4711,s1,ann1,Tuesday,
"Smith, Bob",4712,s2,bob2,Tuesday,
"Late, Eve",4799,s9,eve9,Monday,
"Student, Test",4800,,x,,
"""


def test_canvas_files_become_folders(tiny: Course, tmp_path: Path) -> None:
    """Canvas's flat files become folders with the files' own names; the last attempt counts, and none is lost."""
    collected = collect(zip_of(tmp_path / "submissions.zip", CANVAS), tmp_path / "out", tiny)
    assert tree(tmp_path / "out") == {
        "exampleann/double.py": RIGHT,
        "smithbob/double.py": RIGHT,
        "typingtom/onlinetext.html": "<p>My answer</p>",
        "zoëcyd/my work 2_3_4.zip": "PK",
    }
    assert tree(tmp_path / "out", "earlier") == {"smithbob/1/double.py": WRONG}
    assert [item.name for item in collected.left_out] == ["notes.pdf"]
    text = shown(collected)
    assert text.startswith(f"4 submissions of `double` from Canvas, in {tmp_path / 'out' / 'submissions'}: 4 new")
    assert "Late, says Canvas: smithbob." in text
    assert "smithbob (2)" in text
    assert "Only text that was typed into Canvas, and no file: typingtom." in text
    assert "notes.pdf: it isn't named as Canvas names files." in text
    assert "--people FILE" in text
    assert {"submission": "smithbob", "assignment": "double", "late": "yes", "attempts": "2"} in rows(
        tmp_path / "out" / "handed_in.csv"
    )


def test_canvas_gradebook_gives_names_and_logins(tiny: Course, tmp_path: Path) -> None:
    """With Canvas's gradebook, the roster has names, logins and sections, also of those who handed in nothing."""
    (tmp_path / "grades.csv").write_text(GRADEBOOK, encoding="utf-8-sig")
    download, out = zip_of(tmp_path / "submissions.zip", CANVAS), tmp_path / "out"
    collect(download, out, tiny)
    collected = collect(download, out, tiny, CollectOptions(people=[tmp_path / "grades.csv"]))
    people = {row["submission"]: row for row in rows(out / "roster.csv")}
    assert people["exampleann"] == {
        "submission": "exampleann",
        "name": "Ann Example",
        "canvas_id": "4711",
        "sis_user_id": "s1",
        "sis_login_id": "ann1",
        "section": "Tuesday",
    }
    assert people["eve-late"]["canvas_id"] == "4799"
    assert "test-student" not in people
    assert "In the list of people, but not in this download: Eve Late." in shown(collected)
    assert "Not in the list of people: typingtom, zoëcyd." in shown(collected)
    assert read_roster(out / "roster.csv").names("smithbob") == "Bob Smith"


def test_canvas_groups_have_a_row_for_each_member(tiny: Course, tmp_path: Path) -> None:
    """Canvas puts the group's name and one member's number into the file's name; its list of groups has the others."""
    download = zip_of(
        tmp_path / "submissions.zip", {"redteam_4711_99_double.py": RIGHT, "smithbob_4712_98_double.py": WRONG}
    )
    people = tmp_path / "groups.csv"
    people.write_text(
        "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
        "Ann Example,4711,s1,ann1,Tue,Red Team,5,\nEve Late,4799,s9,eve9,Tue,Red Team,5,\nBob Smith,4712,s2,bob2,Tue,,,\n"
    )
    collected = collect(download, tmp_path / "out", tiny, CollectOptions(people=[people]))
    roster = read_roster(tmp_path / "out" / "roster.csv")
    (group,) = (name for name, members in roster.people.items() if len(members) == 2)
    assert roster.names(group) == "Ann Example, Eve Late"
    assert roster.people_of(group)[1].sis_login_id == "eve9"
    assert tree(tmp_path / "out")[f"{group}/double.py"] == RIGHT
    assert f"Groups, with a line for each person on the roster: {group} (2)." in shown(collected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("double-1.py", ("double.py", 1)),
        ("my_helper-12.py", ("my_helper.py", 12)),
        ("double-2.ipynb", ("double.ipynb", 2)),
        ("homework-2.ipynb", ("homework-2.ipynb", 0)),
        ("my-work-2.py", ("my-work-2.py", 0)),
        ("report-1.pdf", ("report-1.pdf", 0)),
        ("double.py", ("double.py", 0)),
        ("double (1)-1.py", ("double (1).py", 1)),
    ],
)
def test_canvas_numbers_are_removed_only_from_modules(name: str, expected: tuple[str, int]) -> None:
    """The `-1` that Canvas adds is removed only where a learner can't have written it."""
    assert original_name(name, ["double"]) == expected


def test_anonymous_downloads_from_canvas(tiny: Course, tmp_path: Path) -> None:
    """Without names, the letters that Canvas gives to each user become the folders."""
    files = {
        "anon_aB3xY_99_double.py": RIGHT,
        "anon_qW5eR_LATE_98_double.py": RIGHT,
        "LATE_anon_zzzzz_97_double.py": WRONG,
    }
    collected = collect(zip_of(tmp_path / "s.zip", files), tmp_path / "out", tiny)
    assert len(tree(tmp_path / "out")) == 3
    assert sum(hand_in.late for hand_in in collected.hand_ins) == 2


MOODLE = {
    "Ann Example_1234567_assignsubmission_file/double.py": RIGHT,
    "Ann Example_1234567_assignsubmission_file/plots/plot.png": "png",
    "Ann Example_1234567_assignsubmission_onlinetext/onlinetext.html": "<p></p>",
    "Zoë Müller_1234568_assignsubmission_file_/double.py": WRONG,
    "Typing Tom_1234569_assignsubmission_onlinetext_/onlinetext.html": "<p>x</p>",
    "Thumbs.db": "x",
}
WORKSHEET = """\
Identifier,"Full name","ID number","Email address",Status,Group,Grade,"Last modified (submission)","Feedback comments"
"Participant 1234567","Ann Example",77,ann@example.org,"Submitted for grading",,,"Sunday, 31 January 2027, 11:50 PM",
"Participant 1234568","Zoë Müller",78,zoe@example.org,"Submitted for grading",,,"Monday, 1 February 2027, 12:20 AM",
"Participant 1234570","Eve Nobody",79,eve@example.org,"No submission",,,-,
"""


def test_a_download_is_recognized_without_its_suffix(tiny: Course, tmp_path: Path) -> None:
    """An archive whose name has no `.zip`, or a link to one, is an archive all the same."""
    zip_of(tmp_path / "submissions", CANVAS)
    (tmp_path / "link.zip").symlink_to(tmp_path / "submissions")
    for name in ("submissions", "link.zip"):
        assert len(collect(tmp_path / name, tmp_path / "out", tiny, CollectOptions("Canvas")).owners) == 4


@pytest.mark.parametrize("packed", [True, False])
def test_moodle_folders_are_called_by_names(tiny: Course, tmp_path: Path, packed: bool) -> None:
    """Moodle's folders lose their numbers; text in a text field is taken only if there is nothing else."""
    make = zip_of if packed else folder_of
    collected = collect(make(tmp_path / "norms-12.zip", MOODLE), tmp_path / "out", tiny)
    assert tree(tmp_path / "out") == {
        "ann-example/double.py": RIGHT,
        "ann-example/plots/plot.png": "png",
        "typing-tom/onlinetext.html": "<p>x</p>",
        "zoë-müller/double.py": WRONG,
    }
    assert collected.left_out == ()
    assert {row["name"] for row in rows(tmp_path / "out" / "roster.csv")} == {"Ann Example", "Zoë Müller", "Typing Tom"}
    assert "grading worksheet" in shown(collected)


def test_an_empty_folder_is_a_submission(tiny: Course, tmp_path: Path) -> None:
    """Someone whose folder is empty has one, too, and you are told; nobody vanishes."""
    files = {"Ann Example_1_assignsubmission_file/": "", "Bob Smith_2_assignsubmission_file/double.py": RIGHT}
    text = shown(collect(zip_of(tmp_path / "m.zip", files), tmp_path / "out", tiny))
    assert (tmp_path / "out" / "submissions" / "ann-example").is_dir()
    assert "No file that could be taken: ann-example." in text


def test_moodle_without_folders(tiny: Course, tmp_path: Path) -> None:
    """If Moodle downloads files without folders, they are sorted into folders again."""
    files = {
        "Ann Example_1234567_assignsubmission_file_double.py": RIGHT,
        "Ann Example_1234567_assignsubmission_file_my_notes 12_13_x.txt": "n",
        "Ann Example_1234567_assignsubmission_onlinetext_onlinetext.html": "<p></p>",
    }
    collect(zip_of(tmp_path / "m.zip", files), tmp_path / "out", tiny)
    assert list(tree(tmp_path / "out")) == ["ann-example/double.py", "ann-example/my_notes 12_13_x.txt"]


def test_moodle_worksheet_gives_emails_and_times(tiny: Course, tmp_path: Path) -> None:
    """Moodle's grading worksheet has the emails and the hand-in times, in the time zone that you name."""
    (tmp_path / "Grades.csv").write_text(WORKSHEET, encoding="utf-8-sig")
    options = CollectOptions(people=[tmp_path / "Grades.csv"], timezone=BERLIN)
    collect(zip_of(tmp_path / "m.zip", MOODLE), tmp_path / "out", tiny, options)
    people = {row["submission"]: row for row in rows(tmp_path / "out" / "roster.csv")}
    assert people["zoë-müller"] == {
        "submission": "zoë-müller",
        "name": "Zoë Müller",
        "email": "zoe@example.org",
        "id_number": "78",
    }
    assert people["eve-nobody"]["email"] == "eve@example.org"
    times = {row["submission"]: row.get("handed_in") for row in rows(tmp_path / "out" / "handed_in.csv")}
    assert times == {
        "ann-example": "2027-01-31T23:50:00+01:00",
        "typing-tom": None,
        "zoë-müller": "2027-02-01T00:20:00+01:00",
    }


def test_moodle_teams_and_blind_marking(tiny: Course, tmp_path: Path) -> None:
    """A team's folder belongs to everyone in the worksheet's group, and a participant's number finds the name."""
    files = {
        "Red Team_55_assignsubmission_file/double.py": RIGHT,
        "Participant_1234568_assignsubmission_file/double.py": WRONG,
    }
    sheet = WORKSHEET.replace('grading",,,"Sunday', 'grading","Red Team",,"Sunday').replace(
        'submission",,,-', 'submission","Red Team",,-'
    )
    (tmp_path / "Grades.csv").write_text(sheet, encoding="utf-8-sig")
    download, out = zip_of(tmp_path / "m.zip", files), tmp_path / "out"
    collect(download, out, tiny)
    assert read_roster(out / "roster.csv").names("red-team") == "Red Team"
    collect(download, out, tiny, CollectOptions(people=[tmp_path / "Grades.csv"]))
    roster = read_roster(out / "roster.csv")
    assert roster.names("red-team") == "Ann Example, Eve Nobody"
    assert roster.names("participant") == "Zoë Müller"
    assert sorted(tree(out)) == ["participant/double.py", "red-team/double.py"]


def blackboard_text(name: str, user: str, typed: str, *files: tuple[str, str]) -> str:
    """Return the text that Blackboard writes about an attempt."""
    listed = "\n".join(f"\tOriginal filename: {original}\n\tFilename: {filename}\n" for original, filename in files)
    return (
        f"Name: {name} ({user})\r\nAssignment: Week 3_double\r\nDate Submitted: Sunday, January 31, 2027 11:50:00 PM CET\r\n"
        f"Current Grade: Needs Grading\r\n\r\nSubmission Field:\r\n{typed}\r\n\r\nComments:\r\nThere are no student comments.\r\n\r\n"
        f"Files:\r\n{listed or 'No files were attached to this submission.'}\r\n"
    )


def blackboard() -> dict[str, str | bytes]:
    """Return the files of a download from Blackboard, with someone who tries to be someone else."""
    first, last = (
        "Week 3_double_a_example_attempt_2027-01-31-23-50-00",
        "Week 3_double_a_example_attempt_2027-02-01-00-20-00",
    )
    other = "Week 3_double_bsmith_attempt_2027-01-30-10-00-00"
    forged = f"Name: Ann Example (a_example)\nOriginal filename: ../../evil.py\nFilename: {other}_double.py"
    return {
        f"{first}.txt": blackboard_text("Ann Example", "a_example", "", ("double.py", f"{first}_double.py")),
        f"{first}_double.py": WRONG,
        f"{last}.txt": blackboard_text("Ann Example", "a_example", "", ("double.py", f"{last}_dou ble.py")),
        f"{last}_dou ble.py": RIGHT,
        f"{other}.txt": blackboard_text("Bob Smith", "bsmith", forged, ("double.py", f"{other}_double.py")),
        f"{other}_double.py": WRONG,
        "readme.docx": "x",
    }


def test_blackboard_attempts(tiny: Course, tmp_path: Path) -> None:
    """Blackboard's files get their original names, the last attempt counts, and the time is in the file's name."""
    options = CollectOptions(timezone=BERLIN)
    collected = collect(zip_of(tmp_path / "gradebook.zip", blackboard()), tmp_path / "out", tiny, options)
    out = tmp_path / "out"
    assert tree(out) == {"ann-example/double.py": RIGHT, "bob-smith/double.py": WRONG}
    assert tree(out, "earlier") == {"ann-example/2027-01-31-23-50-00/double.py": WRONG}
    assert rows(out / "roster.csv")[0] == {"submission": "ann-example", "name": "Ann Example", "username": "a_example"}
    assert rows(out / "handed_in.csv")[0] == {
        "submission": "ann-example",
        "assignment": "double",
        "handed_in": "2027-02-01T00:20:00+01:00",
        "attempts": "2",
    }
    assert [item.name for item in collected.left_out] == ["readme.docx"]


def test_nothing_that_a_student_typed_into_blackboard_names_files(tiny: Course, tmp_path: Path) -> None:
    """A name or a list of files in a student's text changes neither whose work it is nor where it is written."""
    collect(zip_of(tmp_path / "gradebook.zip", blackboard()), tmp_path / "out", tiny)
    assert not list(tmp_path.rglob("evil.py"))
    assert {row["username"] for row in rows(tmp_path / "out" / "roster.csv")} == {"a_example", "bsmith"}


def test_an_attempt_with_only_text_counts_in_blackboard(tiny: Course, tmp_path: Path) -> None:
    """If the last attempt has no file, its text is taken, and the list says so."""
    prefix = "double_bsmith_attempt_2027-01-30-10-00-0"
    files = {
        f"{prefix}0.txt": blackboard_text("Bob Smith", "bsmith", "", ("double.py", f"{prefix}0_double.py")),
        f"{prefix}0_double.py": RIGHT,
        f"{prefix}1.txt": blackboard_text("Bob Smith", "bsmith", "Please grade the one before."),
    }
    collected = collect(zip_of(tmp_path / "b.zip", files), tmp_path / "out", tiny)
    assert list(tree(tmp_path / "out")) == ["bob-smith/onlinetext.txt"]
    assert list(tree(tmp_path / "out", "earlier")) == ["bob-smith/2027-01-30-10-00-00/double.py"]
    assert "Only text that was typed into Blackboard, and no file: bob-smith." in shown(collected)


METADATA = """\
---
submission_101:
  :submitters:
  - !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    :name: Ann Example
    :sid: '77'
    :email: ann@example.org
  - :name: Bob Smith
    :sid: '0078'
    :email: bob@example.org
  :created_at: 2027-01-31 15:50:00.123456000 -08:00
  :score: 0.0
  :status: processed
  :results: !ruby/object:Something
    tests: []
  :history:
  - :id: 55
    :created_at: 2027-01-30 15:50:00.000000000 -08:00
submission_102:
  :submitters:
  - :name: Zoë Müller
    :email: zoe@example.org
  :created_at: 2027-01-31T10:00:00Z
  :history: []
submission_103:
  :submitters:
  - :name: Nobody There
"""


def test_gradescope_exports(tiny: Course, tmp_path: Path) -> None:
    """Gradescope's export has names, groups, times and the number of earlier attempts."""
    files = {
        "assignment_9_export/submission_metadata.yml": METADATA,
        "assignment_9_export/submission_101/double.py": RIGHT,
        "assignment_9_export/submission_102/work/double.py": WRONG,
        "assignment_9_export/submission_999/double.py": WRONG,
    }
    collected = collect(zip_of(tmp_path / "export.zip", files), tmp_path / "out", tiny)
    out = tmp_path / "out"
    assert tree(out) == {"ann-example-bob-smith/double.py": RIGHT, "zoë-müller/work/double.py": WRONG}
    roster = read_roster(out / "roster.csv")
    assert [person.id_number for person in roster.people_of("ann-example-bob-smith")] == ["77", "0078"]
    assert rows(out / "handed_in.csv")[0]["handed_in"] == "2027-01-31T15:50:00-08:00"
    assert rows(out / "handed_in.csv")[0]["attempts"] == "2"
    assert {item.name: item.why for item in collected.left_out} == {
        "submission_999": "isn't listed in submission_metadata.yml",
        "submission_103": "is listed in submission_metadata.yml, but isn't there",
    }


@pytest.mark.parametrize("text", ["a: [", "just text", "\t", "!!python/object/apply:os.system [ls]"])
def test_broken_metadata_is_one_sentence(tiny: Course, tmp_path: Path, text: str) -> None:
    """A file about the submissions that can't be read is an error that says what to do."""
    files = {"submission_metadata.yml": text, "submission_1/double.py": RIGHT}
    with pytest.raises(CollectError, match=r"submission_metadata\.yml .*Export the submissions again\."):
        collect(zip_of(tmp_path / "export.zip", files), tmp_path / "out", tiny)


def clone(folder: Path, files: Mapping[str, str], time: str) -> Path:
    """Make a git repository with one commit at a time."""
    folder_of(folder, files)
    identity = {f"GIT_{role}_{what}": "a@b.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = (
        os.environ | identity | {"GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time, "GIT_CONFIG_GLOBAL": os.devnull}
    )
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Hand in"]):
        subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True)
    return folder


def test_github_clones(tiny: Course, tmp_path: Path) -> None:
    """Clones from GitHub Classroom get the time of their last commit, and names from the roster; nothing in them runs."""
    root = tmp_path / "week-3-submissions"
    ann = clone(root / "week-3-ann-x", {"double.py": RIGHT, ".github/workflows/x.yml": "x"}, "2027-01-31T22:50:00Z")
    clone(root / "week-3-bob", {"exercises/double.py": WRONG}, "2027-01-30T10:00:00+01:00")
    hook = tmp_path / "ran"
    with (ann / ".git" / "config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = touch {hook}\n\tpager = touch {hook}\n[log]\n\tshowSignature = true\n")
        config.write(
            f'[gpg]\n\tprogram = touch {hook}\n[remote "origin"]\n\tpromisor = true\n\tuploadpack = touch {hook}\n'
        )
    people = tmp_path / "classroom_roster.csv"
    people.write_text(
        '"identifier","github_username","github_id","name"\n"Ann Example","Ann-X","1",""\n"Eve","","",""\n'
    )
    collected = collect(root, tmp_path / "out", tiny, CollectOptions(people=[people]))
    assert sorted(tree(tmp_path / "out")) == [
        "ann-example/.github/workflows/x.yml",
        "ann-example/double.py",
        "bob/exercises/double.py",
    ]
    times = [datetime.fromisoformat(row["handed_in"]) for row in rows(tmp_path / "out" / "handed_in.csv")]
    assert times == [datetime(2027, 1, 31, 22, 50, tzinfo=UTC), datetime(2027, 1, 30, 9, tzinfo=UTC)]
    assert not hook.exists()
    assert "Not in the list of people: bob." in shown(collected)


def test_github_grades_list_teams_and_times(tiny: Course, tmp_path: Path) -> None:
    """The grades of GitHub Classroom say who is in a team and when GitHub received the work."""
    root = folder_of(tmp_path / "week-submissions", {"week-red/double.py": RIGHT})
    people = tmp_path / "grades.csv"
    people.write_text(
        "assignment_name,github_username,roster_identifier,student_repository_name,submission_timestamp\n"
        "week,ann-x,Ann Example,week-red,2027-01-31 22:50:00 UTC\nweek,bob-x,Bob Smith,week-red,2027-01-31 22:50:00 UTC\n"
    )
    collect(root, tmp_path / "out", tiny, CollectOptions("github", people=[people]))
    (folder,) = (path.name for path in (tmp_path / "out" / "submissions").iterdir())
    assert read_roster(tmp_path / "out" / "roster.csv").names(folder) == "Ann Example, Bob Smith"
    assert rows(tmp_path / "out" / "handed_in.csv")[0]["handed_in"] == "2027-01-31T22:50:00+00:00"


def test_a_newer_download_updates_and_says_what_changed(tiny: Course, tmp_path: Path) -> None:
    """Newer files replace older ones, which are kept; what nobody handed in again stays."""
    out = tmp_path / "out"
    collect(zip_of(tmp_path / "a.zip", CANVAS), out, tiny)
    newer = CANVAS | {"exampleann_4711_120_double-1.py": WRONG, "newnina_4750_121_double.py": RIGHT}
    del newer["exampleann_4711_99_double.py"]
    text = shown(collect(zip_of(tmp_path / "b.zip", newer), out, tiny))
    assert "5 submissions" in text
    assert "1 new, 1 updated, 3 unchanged" in text
    assert (
        f"exampleann: double.py from the download; earlier double.py moved to {out / 'earlier' / 'exampleann'}." in text
    )
    assert tree(out)["exampleann/double.py"] == WRONG
    assert tree(out, "earlier")["exampleann/replaced-1/double.py"] == RIGHT
    assert ": 0 new, 0 updated, 5 unchanged" in shown(collect(tmp_path / "b.zip", out, tiny))


PARTS = ("ann", "Ann Example", "LATE", "4711", "99", "assignsubmission", "file", "onlinetext", "attempt", "double.py",
         "2027-01-31-23-50-00", "double-1.py", "notes.txt", "submission", "x.zip", "anon", "_", "Zoë", "-1", ".py")  # fmt: skip


@hypothesis.given(
    names=strategies.lists(
        strategies.lists(strategies.sampled_from(PARTS), min_size=1, max_size=8).map("_".join), max_size=12, unique=True
    )
)
@hypothesis.settings(max_examples=25)
def test_every_file_is_somewhere(names: list[str]) -> None:
    """Whatever the files are called, each is in the result, or in the list of those that aren't, with the reason."""
    known = (
        "exampleann_1_2_double.py",
        "A B_1_assignsubmission_file_double.py",
        "w_ann_attempt_2027-01-31-23-50-00_double.py",
    )
    for number, example in enumerate(known):
        with tempfile.TemporaryDirectory() as folder:
            files = {name: f"content of {name}" for name in dict.fromkeys([example, *names])}
            root = folder_of(Path(folder) / "download", files)
            collected = collect(root, Path(folder) / "out", the_course(), CollectOptions(list(PLATFORMS)[number]))
            there = {
                text for below in ("submissions", "earlier") for text in tree(Path(folder) / "out", below).values()
            }
            left_out = {item.name for item in collected.left_out}
            lost = [name for name, text in files.items() if text not in there and name not in left_out]
            assert [name for name in lost if "onlinetext" not in name] == []


def test_no_attempt_is_overwritten(tiny: Course, tmp_path: Path) -> None:
    """Earlier attempts stay when a newer download counts them in another way, also for a file that you edited."""
    out = tmp_path / "out"
    for number, texts in enumerate((["a", "b"], ["c", "d"], ["e", "f"])):
        files = {
            f"exampleann_4711_{9 + 2 * number}_double.py": texts[0],
            f"exampleann_4711_{10 + 2 * number}_double-1.py": texts[1],
        }
        collect(zip_of(tmp_path / f"{number}.zip", files), out, tiny)
        if number == 0:
            (out / "submissions" / "exampleann" / "double.py").write_text("mine")
    contents = {text for below in ("submissions", "earlier", "conflicts") for text in tree(out, below).values()}
    assert contents == {"a", "c", "d", "e", "f", "mine"}


def test_an_archive_with_a_password_is_one_sentence(tiny: Course, tmp_path: Path) -> None:
    """If nothing can be unpacked, the message gives the reason and not only that nothing was recognized."""
    download = zip_of(tmp_path / "s.zip", {"exampleann_4711_9_double.py": RIGHT})
    data = bytearray(download.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    download.write_bytes(bytes(data))
    with pytest.raises(CollectError, match=r"exampleann_4711_9_double\.py, for example, needs a password\. Unpack it"):
        collect(download, tmp_path / "out", tiny)


def test_what_you_changed_by_hand_stays(tiny: Course, tmp_path: Path) -> None:
    """A file, a line of the roster and a time that you changed are never overwritten, and you are told."""
    out = tmp_path / "out"
    (tmp_path / "Grades.csv").write_text(WORKSHEET, encoding="utf-8-sig")
    options = CollectOptions(people=[tmp_path / "Grades.csv"], timezone=BERLIN)
    collect(zip_of(tmp_path / "m.zip", MOODLE), out, tiny, options)
    (out / "submissions" / "ann-example" / "double.py").write_text("# Edited.\n" + RIGHT)
    (out / "submissions" / "ann-example" / "mine.txt").write_text("mine")
    roster = (
        (out / "roster.csv").read_text(encoding="utf-8-sig").replace("Ann Example", "Anna Example").replace(",", ";")
    )
    (out / "roster.csv").write_text(roster + "guest;Guest\n", encoding="utf-16")
    times = (out / "handed_in.csv").read_text(encoding="utf-8-sig").replace("2027-01-31T23:50", "2027-01-31T20:00")
    (out / "handed_in.csv").write_text(times)
    (out / "times.yaml").write_text("handed_in: handed_in.csv\nextensions: {ann-example: 2d}\n")
    newer = MOODLE | {"Ann Example_1234567_assignsubmission_file/double.py": WRONG}
    text = shown(collect(zip_of(tmp_path / "n.zip", newer), out, tiny, options))
    assert tree(out)["ann-example/double.py"] == "# Edited.\n" + RIGHT
    assert tree(out)["ann-example/mine.txt"] == "mine"
    assert tree(out, "conflicts") == {"ann-example/double.py": WRONG}
    assert "ann-example: you changed double.py, so your version stays." in text
    people = read_roster(out / "roster.csv")
    assert (people.names("ann-example"), people.names("guest")) == ("Anna Example", "Guest")
    assert "the time of ann-example stays 2027-01-31T20:00:00+01:00, as you wrote it" in text
    assert "extensions" in (out / "times.yaml").read_text()


def test_several_assignments_share_folders(tiny: Course, tmp_path: Path) -> None:
    """A download of another assignment adds files and times for the same people, although Moodle has new numbers."""
    out = tmp_path / "out"
    collect(zip_of(tmp_path / "a.zip", MOODLE), out, tiny)
    second = {
        "Ann Example_99_assignsubmission_file/twice.py": "t",
        "Zoë Müller_98_assignsubmission_file/twice.py": "u",
    }
    collect(zip_of(tmp_path / "b.zip", second), out, tiny)
    assert sorted(path for path in tree(out) if path.startswith("ann")) == [
        "ann-example/double.py",
        "ann-example/plots/plot.png",
        "ann-example/twice.py",
    ]
    assert len(read_roster(out / "roster.csv").people) == 3
    assert [(row["submission"], row["assignment"]) for row in rows(out / "handed_in.csv")].count(
        ("ann-example", "twice")
    ) == 1


DUE = """\
id: tiny
title: A tiny course
exercises:
  - {id: double, title: Double}
  - {id: twice, title: Twice, needs: [double]}
assignments:
  - {id: first, exercises: [double], due: 2027-01-31T23:59:00+01:00, late: {per_day: 0.1}}
  - {id: second, exercises: [twice], due: 2027-02-28T23:59:00+01:00}
"""


def test_times_for_all_assignments_become_times_for_each(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """A time that counted for all assignments counts for the others after one for an assignment comes; none is lost."""
    course, out = load_course(tiny_course(course_dot_yaml=DUE)), tmp_path / "out"
    prefix = "w_ann_attempt_2027-01-30-10-00-00"
    options = CollectOptions(timezone=BERLIN)
    text = shown(collect(zip_of(tmp_path / "a.zip", {f"{prefix}_all.zip": "PK"}), out, course, options))
    assert "The times count for every assignment with a due date (first, second)." in text
    newer = {"w_ann_attempt_2027-02-27-10-00-00_twice.py": RIGHT}
    collect(zip_of(tmp_path / "b.zip", newer), out, course, options)
    assert rows(out / "handed_in.csv") == [
        {"submission": "ann", "assignment": "first", "handed_in": "2027-01-30T10:00:00+01:00"},
        {"submission": "ann", "assignment": "second", "handed_in": "2027-02-27T10:00:00+01:00"},
    ]
    register = read_register(course, ["ann"], [], out / "times.yaml")
    assert sorted(register.handed_in["ann"]) == ["first", "second"]
    text = shown(collect(tmp_path / "a.zip", out, course, options))
    assert "so the times of ann are not in it. To name the assignment: --assignment ID" in text


def test_a_file_of_another_kind_replaces_the_older_one(tiny: Course, tmp_path: Path) -> None:
    """If someone hands in a module after a notebook, the notebook isn't graded any more, but kept."""
    out, who = tmp_path / "out", "Ann Example_1_assignsubmission_file"
    collect(zip_of(tmp_path / "a.zip", {f"{who}/double.ipynb": "{}", f"{who}/notes.txt": "n"}), out, tiny)
    text = shown(collect(zip_of(tmp_path / "b.zip", {f"{who}/double.py": RIGHT, f"{who}/notes.txt": "n"}), out, tiny))
    assert list(tree(out)) == ["ann-example/double.py", "ann-example/notes.txt"]
    assert list(tree(out, "earlier")) == ["ann-example/replaced-1/double.ipynb"]
    assert "earlier double.ipynb moved to" in text


@pytest.mark.parametrize("platform", ["canvas", "moodle"])
def test_a_download_without_the_list_forgets_nobody(tiny: Course, tmp_path: Path, platform: str) -> None:
    """If you name the list of people only once, later downloads change nothing of what it said."""
    people, out = tmp_path / "people.csv", tmp_path / "out"
    if platform == "moodle":
        files, text = (
            {"Red_55_assignsubmission_file/double.py": RIGHT},
            WORKSHEET.replace('grading",,,', 'grading","Red",,'),
        )
    else:
        files = {"redteam_4711_5_double.py": RIGHT, "smithbob_4712_6_double.py": RIGHT}
        text = GRADEBOOK.replace("Double (17)", "Group Name").replace("day,\n", "day,Red Team\n", 1)
        text = text.replace("Monday,\n", "Monday,Red Team\n")
    people.write_text(text, encoding="utf-8-sig")
    download = zip_of(tmp_path / "d.zip", files)
    collect(download, out, tiny, CollectOptions(people=[people]))
    before = (out / "roster.csv").read_bytes()
    assert max(len(members) for members in read_roster(out / "roster.csv").people.values()) == 2
    folders = sorted(path.name for path in (out / "submissions").iterdir())
    collect(download, out, tiny)
    assert (out / "roster.csv").read_bytes() == before
    assert sorted(path.name for path in (out / "submissions").iterdir()) == folders


@pytest.mark.parametrize("label", ["redteam_4711_5_double.py", "Red Team_55_assignsubmission_file/double.py"])
def test_a_list_that_comes_later_makes_no_second_folder(tiny: Course, tmp_path: Path, label: str) -> None:
    """A group that was collected by its name keeps its folder when the list says who is in it."""
    people, out, download = tmp_path / "people.csv", tmp_path / "out", zip_of(tmp_path / "d.zip", {label: RIGHT})
    people.write_text(
        "name,canvas_user_id,email address,group_name\nAnn Example,4711,a@b.org,Red Team\nEve Late,4799,e@b.org,Red Team\n"
    )
    collect(download, out, tiny)
    (folder,) = (path.name for path in (out / "submissions").iterdir())
    for _ in range(2):
        collect(download, out, tiny, CollectOptions(people=[people]))
        assert [path.name for path in (out / "submissions").iterdir()] == [folder]
        assert read_roster(out / "roster.csv").names(folder) == "Ann Example, Eve Late"
    alone = zip_of(tmp_path / "e.zip", {"exampleann_4711_9_twice.py": RIGHT})
    collect(alone, out, tiny, CollectOptions(people=[people]))
    assert sorted(tree(out)) == ["ann-example/twice.py", f"{folder}/double.py"]


def test_two_people_with_one_name_have_two_folders(tiny: Course, tmp_path: Path) -> None:
    """People are told apart by the platform's numbers, and you are told that they have the same name."""
    files = {f"Ann Example_{number}_assignsubmission_file/double.py": f"{number}" for number in (1, 2)}
    for _ in range(2):
        text = shown(collect(zip_of(tmp_path / "m.zip", files), tmp_path / "out", tiny))
        assert tree(tmp_path / "out") == {"ann-example/double.py": "1", "ann-example-2/double.py": "2"}
        assert "Several people are called Ann Example." in text


def test_groups_that_form_later(tiny: Course, tmp_path: Path) -> None:
    """Someone who handed in nothing first and with a group later is on the roster only with the group."""
    (tmp_path / "Grades.csv").write_text(WORKSHEET, encoding="utf-8-sig")
    options, out = CollectOptions(people=[tmp_path / "Grades.csv"]), tmp_path / "out"
    collect(zip_of(tmp_path / "m.zip", MOODLE), out, tiny, options)
    assert read_roster(out / "roster.csv").names("eve-nobody") == "Eve Nobody"
    export = METADATA.replace("ann@example.org", "eve@example.org").replace("Ann Example", "Eve Nobody")
    files = {"submission_metadata.yml": export, "submission_101/double.py": RIGHT}
    collect(zip_of(tmp_path / "g.zip", files), out, tiny, options)
    roster = read_roster(out / "roster.csv")
    assert not roster.lists("eve-nobody")
    assert roster.names("eve-nobody-bob-smith") == "Eve Nobody, Bob Smith"


HOSTILE = {
    "exampleann_1_2_../../../evil.py": RIGHT,
    "/exampleann_1_3_double.py": RIGHT,
    "exampleann_1_4_double.py": RIGHT,
    "=cmd|'calc'!A0_2_5_double.py": RIGHT,
    "..._3_6_double.py": RIGHT,
    "exercises_4_7_double.py": RIGHT,
    "con_5_8_double.py": RIGHT,
}


def test_hostile_names_lead_nowhere(tiny: Course, tmp_path: Path) -> None:
    """No name in a download leads out of the result, becomes a formula, or a folder that the grader takes for another."""
    out = tmp_path / "deep" / "out"
    collected = collect(zip_of(tmp_path / "h.zip", HOSTILE), out, tiny)
    folders = sorted(path.name for path in (out / "submissions").iterdir())
    assert folders == ["cmd-calc-a0", "exampleann", "submission-", "submission-con", "submission-exercises"]
    assert not list(tmp_path.rglob("evil.py"))
    assert {item.why for item in collected.left_out} == {"has a name that leads out of the archive"}
    cells = [cell for row in csv.reader(io.StringIO((out / "roster.csv").read_text("utf-8-sig"))) for cell in row]
    assert not any(cell.startswith("=") for cell in cells)


def test_no_name_gives_orders_to_a_terminal(tiny: Course, tmp_path: Path) -> None:
    """Control characters in a name reach neither the terminal nor the roster."""
    files = {f"Ann\x1b[2JExample_{number}_assignsubmission_file/double.py": RIGHT for number in (1, 2)}
    collected = collect(folder_of(tmp_path / "m", files), tmp_path / "out", tiny)
    assert "\x1b" not in shown(collected)
    assert "\x1b" not in (tmp_path / "out" / "roster.csv").read_text("utf-8-sig")


def test_links_in_a_folder_are_named(tiny: Course, tmp_path: Path) -> None:
    """A link in an unpacked download is not followed."""
    root = folder_of(tmp_path / "m", MOODLE)
    (root / "Ann Example_1234567_assignsubmission_file" / "secret.py").symlink_to("/etc/passwd")
    (root / "Eve_5_assignsubmission_file").symlink_to("/etc")
    collected = collect(root, tmp_path / "out", tiny)
    assert "ann-example/secret.py" not in tree(tmp_path / "out")
    assert {item.name: item.why for item in collected.left_out} == {
        "Ann Example_1234567_assignsubmission_file/secret.py": "is a link",
        "Eve_5_assignsubmission_file": "is a link",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.zip"], "nowhere.zip doesn't exist. Name the platform's download"),
        (["plain.txt"], "plain.txt is neither a zip file nor a folder."),
        (["broken.zip"], "broken.zip cannot be unpacked: it isn't a zip archive, or it is damaged. Download it again."),
        (
            ["other.zip"],
            "other.zip doesn't look like a download from a platform that the grader knows. Canvas has files",
        ),
        (
            ["canvas.zip", "--from", "moodle"],
            "Nothing in canvas.zip is named as Moodle does it. Moodle has folders like",
        ),
        (["several"], "several contains zip files. Collect each of them, with the same --out."),
        (["canvas.zip", "--from", "sakai"], "There is no platform `sakai`. Choose one of: canvas, moodle, blackboard"),
        (["canvas.zip", "--assignment", "doubel"], "There is no assignment `doubel`. Choose one of: double, twice."),
        (["canvas.zip", "--timezone", "Mars"], "There is no time zone `Mars`. Write it as in: Europe/Berlin"),
        (["canvas.zip", "--people", "nowhere.csv"], "The list nowhere.csv cannot be read (No such file or directory)."),
        (["canvas.zip", "--people", "plain.txt"], "The list plain.txt has no people in it that can be recognized."),
        (
            ["canvas.zip", "--people", "broken.zip"],
            "The list broken.zip is a spreadsheet and not text; save it as CSV.",
        ),
        (
            ["canvas.zip", "--out", "plain.txt"],
            "plain.txt is a file. Choose another folder for the result: --out FOLDER",
        ),
        ([".", "--out", "inside"], "inside is in the download's folder."),
    ],
)
def test_what_cannot_be_collected_is_one_sentence(
    tiny: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    """Each problem with a download or an option is one sentence that ends with what to do, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    zip_of(Path("canvas.zip"), CANVAS)
    zip_of(Path("other.zip"), {"a.txt": "a", "b.txt": "b"})
    folder_of(Path("several"), {"canvas.zip": Path("canvas.zip").read_bytes()})
    Path("broken.zip").write_bytes(b"PK\x03\x04 broken")
    Path("plain.txt").write_text("7\n")
    result = CliRunner().invoke(app, ["collect", *arguments, "--course", str(tiny.root / "course.yaml")])
    assert isinstance(result.exception, CollectError)
    assert str(result.exception).startswith(message)
    assert not Path("collected").exists()


def test_a_full_disk_is_one_sentence(tiny: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full, nothing half-written remains, and the same command continues."""

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    download = zip_of(tmp_path / "submissions.zip", CANVAS)
    with monkeypatch.context() as patched:
        patched.setattr("grader.collect.folders.write_whole", full)
        with pytest.raises(CollectError, match="No space left on device"):
            collect(download, tmp_path / "out", tiny)
    collect(download, tmp_path / "out", tiny)
    assert len(tree(tmp_path / "out")) == 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ann Example", "ann-example"),
        ("Zoe\u0308 O'Neil", "zoë-o-neil"),
        ("李雷", "李雷"),
        ("..", "submission-"),
        ("a" * 99, "a" * 60),
    ],
)
def test_names_of_folders(name: str, expected: str) -> None:
    """A folder's name has letters of any alphabet in composed form, digits and hyphens."""
    assert folder_name(name) == expected


def test_names_of_people() -> None:
    """Names are the same in any order, with any capitals and accents composed either way; only real commas are turned."""
    assert same_name("Müller, Zoë") == same_name("zoë  mu\u0308ller")
    assert first_name_first("Example, Ann B.") == "Ann B. Example"
    assert first_name_first("Smith, Jr., Bob") == "Smith, Jr., Bob"


def reports_of(out: Path, *submissions: str) -> None:
    """Write a report for each submission, as `grader grade` does."""
    folder_of(out / "graded" / "reports", {f"{name}.html": f"page of {name}" for name in submissions})


def packed(path: Path) -> dict[str, str]:
    """Return the files in an archive with feedback."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_feedback_goes_back_to_canvas(tiny: Course, tmp_path: Path) -> None:
    """Canvas finds the user and the file by their numbers in the name; who has no such file is named."""
    out = tmp_path / "out"
    collect(zip_of(tmp_path / "submissions.zip", CANVAS), out, tiny)
    reports_of(out, "exampleann", "smithbob", "typingtom")
    done = pack_feedback(out)
    assert packed(out / "feedback-canvas-double.zip") == {
        "exampleann_4711_99_feedback.html": "page of exampleann",
        "smithbob_LATE_4712_100_feedback.html": "page of smithbob",
    }
    assert (done.without_name, done.without_report) == (("typingtom",), ("zoëcyd",))
    text = "\n".join(done.lines())
    assert text.startswith(f"2 files with feedback in {out / 'feedback-canvas-double.zip'}. In Canvas, upload it")
    first = (out / "feedback-canvas-double.zip").read_bytes()
    pack_feedback(out)
    assert (out / "feedback-canvas-double.zip").read_bytes() == first


def test_feedback_goes_back_to_moodle(tiny: Course, tmp_path: Path) -> None:
    """Moodle finds participants by the number in the name, and each member of a team has one in the worksheet."""
    out = tmp_path / "out"
    sheet = WORKSHEET.replace('grading",,,', 'grading","Red Team",,')
    (tmp_path / "Grades.csv").write_text(sheet, encoding="utf-8-sig")
    files = {
        "Red Team_55_assignsubmission_file/double.py": RIGHT,
        "Eve Nobody_1234570_assignsubmission_file/double.py": WRONG,
    }
    collect(zip_of(tmp_path / "m.zip", files), out, tiny, CollectOptions(people=[tmp_path / "Grades.csv"]))
    (team,) = (path.name for path in (out / "submissions").iterdir() if path.name != "eve-nobody")
    reports_of(out, team, "eve-nobody")
    assert pack_feedback(out).is_complete
    assert packed(out / "feedback-moodle-double.zip") == {
        "Eve Nobody_1234570_assignsubmission_file_feedback.html": "page of eve-nobody",
        "Ann Example_1234567_assignsubmission_file_feedback.html": f"page of {team}",
        "Zoë Müller_1234568_assignsubmission_file_feedback.html": f"page of {team}",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plain"], "plain isn't a folder that `grader collect` wrote."),
        (
            ["out"],
            r"out/graded/reports doesn't exist. Grade first, or name the folder with the results: --graded FOLDER",
        ),
        (["out", "--assignment", "twice"], "Nothing was collected for `twice`. Choose one of: double."),
        (["blackboard"], "Blackboard takes no archive of feedback."),
    ],
)
def test_feedback_that_cannot_be_packed(
    tiny: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    """Each reason for which there is no archive is one sentence that says what to do instead."""
    monkeypatch.chdir(tmp_path)
    Path("plain").mkdir()
    collect(zip_of(Path("m.zip"), MOODLE), Path("out"), tiny)
    collect(zip_of(Path("b.zip"), blackboard()), Path("blackboard"), tiny)
    result = CliRunner().invoke(app, ["return", *arguments])
    assert isinstance(result.exception, CollectError)
    assert str(result.exception).startswith(message)


@pytest.mark.parametrize(("files", "people"), [(CANVAS, GRADEBOOK), (MOODLE, WORKSHEET)], ids=["canvas", "moodle"])
def test_from_a_download_to_the_grades(
    tiny: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str | bytes], people: str
) -> None:
    """What `collect` writes is what `grader grade` takes: names in reports, and a row for everyone in every table."""
    monkeypatch.chdir(tiny.root)
    zip_of(Path("download.zip"), {name: content for name, content in files.items() if content in (RIGHT, WRONG)})
    Path("people.csv").write_text(people, encoding="utf-8-sig")
    run = CliRunner().invoke(app, ["collect", "download.zip", "--people", "people.csv"])
    assert run.exit_code == 0, run.output
    command = run.output.strip().splitlines()[-1].removeprefix("Next: grader ").split()
    graded = CliRunner().invoke(app, [*command, "--format", "canvas", "--format", "moodle"])
    assert graded.exit_code == 0, graded.output
    out = Path("collected/graded")
    grades = {row["name"]: row for row in rows(out / "grades.csv")}
    assert grades["Ann Example"]["double"] == "2"
    missing = "Eve Late" if files is CANVAS else "Eve Nobody"
    assert grades[missing]["remark"] == "nothing handed in"
    (folder,) = (path.stem for path in (out / "reports").glob("*ann*.md"))
    assert f"Ann Example ({folder})" in (out / "reports" / f"{folder}.md").read_text(encoding="utf-8")
    assert "Ann Example" in graded.output
    returned = CliRunner().invoke(app, ["return"])
    assert "In Canvas, upload it" in returned.output or "In Moodle, upload it" in returned.output
    assert folder in "".join(packed(next(Path("collected").glob("feedback-*.zip"))).values())
    if files is CANVAS:
        assert ("Ann Example", "4711") in {(row["Student"], row.get("ID")) for row in rows(out / "canvas.csv")}
    else:
        assert "ann@example.org" in {row.get("Email address") for row in rows(out / "moodle.csv")}
