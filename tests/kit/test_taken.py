"""What can be taken is taken: archives, deeper folders, other names and encodings; and what can't is named.

Nothing is graded here: each test builds a folder, and reads which modules would be graded and what is said.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TypeAlias

import pytest

from grader.course import load_course
from grader.errors import NoSubmissions, UsageError
from grader.grading.encodings import in_utf8
from grader.grading.intake import Submission, take_in
from grader.grading.survey import survey_of

COURSE = load_course(Path(__file__).resolve().parents[2] / "course.yaml")
SOLUTIONS = {name: (COURSE.solutions / f"{name}.py").read_text(encoding="utf-8") for name in COURSE.by_id}
STUB = (COURSE.stubs / "layer_norm.py").read_text(encoding="utf-8")
NORM, ATTENTION = SOLUTIONS["layer_norm"], SOLUTIONS["causal_attention"]
BOTH = f"{NORM}\n{ATTENTION}"
OTHER = f"{NORM}\n# Another version.\n"

Content: TypeAlias = str | bytes | dict[str, str]


def notebook(*cells: str) -> str:
    """Return a notebook of code cells without metadata."""
    code = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    return json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def put(folder: Path, files: dict[str, Content]) -> Path:
    """Write files into a folder; a dictionary becomes a zip archive."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            with zipfile.ZipFile(path, "w") as archive:
                for inner, text in content.items():
                    archive.writestr(inner, text)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def taken(tmp_path: Path, **files: Content) -> Submission:
    """Read a submission."""
    return take_in(put(tmp_path / "ann", files), COURSE)


QUIET: dict[str, dict[str, Content]] = {
    "a zip": {"hw.zip": {"hw/layer_norm.py": NORM, "__MACOSX/hw/._layer_norm.py": "", "hw/.DS_Store": ""}},
    "a zip in a zip's folder": {"a/hw.zip": {"b/c/layer_norm.py": NORM}},
    "folders deeper": {"a/b/c/layer_norm.py": NORM},
    "a copy of the course": {
        "gpt/exercises/layer_norm.py": NORM,
        "gpt/solutions/causal_attention.py": ATTENTION,
        "gpt/course.yaml": "",
    },
    "a course next to the answers": {
        "layer_norm.py": NORM,
        "course/course.yaml": "",
        "course/solutions/layer_norm.py": OTHER,
        "course/tests/hidden/test_layer_norm.py": "",
    },
    "a zipped copy of the course": {
        "hw.zip": {"gpt/exercises/layer_norm.py": NORM, "gpt/solutions/causal_attention.py": ATTENTION}
    },
    "a byte order mark": {"layer_norm.py": b"\xef\xbb\xbf" + NORM.encode()},
    "a stub on top": {"layer_norm.py": STUB, "exercises/layer_norm.py": NORM},
    "an empty file of a package": {"src/__init__.py": "", "src/layer_norm.py": NORM},
    "twice the same": {"layer_norm.py": NORM, "hw.zip": {"layer_norm.py": NORM}},
    "a package": {"layer_norm/__init__.py": "from .norm import LayerNorm\n", "layer_norm/norm.py": NORM},
    "files of platforms": {
        "layer_norm.py": NORM,
        "timestamp.txt": "2027-01-30 18:05:00 UTC",
        ".DS_Store": "",
        "Thumbs.db": "",
        "onlinetext.html": "",
        "__MACOSX/._layer_norm.py": "",
    },
    "a notebook in UTF-16": {"layer_norm.ipynb": notebook(NORM).encode("utf-16")},
    "a notebook with a byte order mark": {"layer_norm.ipynb": b"\xef\xbb\xbf" + notebook(NORM).encode()},
}


@pytest.mark.parametrize("kind", QUIET)
def test_what_needs_no_remark_is_taken_without_one(tmp_path: Path, kind: str) -> None:
    """Archives, folders, byte order marks and the files of platforms are nothing to look at."""
    submission = taken(tmp_path, **QUIET[kind])
    assert submission.sources.keys() == {"layer_norm"}
    assert "LayerNorm" in submission.sources["layer_norm"].decode()
    assert submission.sources["layer_norm"].decode() != STUB
    assert submission.notes == ()
    assert submission.helpers.keys() == ({"norm"} if kind == "a package" else set())


SAID: dict[str, tuple[dict[str, Content], set[str], str]] = {
    "another spelling": (
        {"LayerNorm.py": NORM},
        {"layer_norm"},
        "LayerNorm.py was graded as layer_norm.py, because it",
    ),
    "a browser's copy": ({"layer_norm (1).py": NORM}, {"layer_norm"}, "layer_norm (1).py was graded as layer_norm.py"),
    "any name": ({"hw3.py": NORM}, {"layer_norm"}, "because it defines `LayerNorm`"),
    "a copy and the stub": ({"norm.py": NORM, "layer_norm.py": STUB}, {"layer_norm"}, "norm.py was graded as"),
    "in a package": (
        {"layer_norm/__init__.py": "", "layer_norm/a.py": NORM},
        {"layer_norm"},
        "layer_norm/a.py was graded",
    ),
    "everything in a module": (
        {"hw.py": BOTH},
        {"layer_norm", "causal_attention"},
        "hw.py was graded as causal_attention",
    ),
    "everything in a notebook": (
        {"hw.ipynb": notebook(NORM, ATTENTION)},
        {"layer_norm", "causal_attention"},
        "hw.ipynb was graded as layer_norm.py",
    ),
    "not Python": ({"Layer-Norm.py": "class LayerNorm(:"}, {"layer_norm"}, "it has nearly the same name"),
    "UTF-16": ({"layer_norm.py": NORM.encode("utf-16")}, {"layer_norm"}, "is saved in UTF-16"),
    "Windows-1252": ({"layer_norm.py": f"# für\n{NORM}".encode("cp1252")}, {"layer_norm"}, "is saved in Windows-1252"),
    "a mail program's suffix": ({"layer_norm.py.txt": NORM}, {"layer_norm"}, "layer_norm.py.txt was graded as"),
    "a notebook as JSON": ({"layer_norm.json": notebook(NORM)}, {"layer_norm"}, "layer_norm.json was graded as"),
    "no suffix, zipped": ({"hw.zip": {"layer_norm": NORM}}, {"layer_norm"}, "hw.zip/layer_norm was graded as"),
    "notes": ({"layer_norm.py": NORM, "layer_norm.txt": "Why?"}, {"layer_norm"}, "Ignored: layer_norm.txt."),
}


@pytest.mark.parametrize("kind", SAID)
def test_what_is_graded_as_something_else_is_said(tmp_path: Path, kind: str) -> None:
    """A file that is recognized, or can only be read with care, is graded, and a remark names it."""
    files, exercises, said = SAID[kind]
    submission = taken(tmp_path, **files)
    assert submission.sources.keys() == exercises
    assert any(said in note for note in submission.notes), submission.notes
    assert not submission.not_graded


LOST: dict[str, tuple[dict[str, Content], set[str], str]] = {
    "another archive": ({"hw.rar": "Rar!"}, set(), "hw.rar was not opened."),
    "a broken zip": ({"hw.zip": b"PK"}, set(), "hw.zip could not be unpacked"),
    "two that may be meant": ({"a.py": NORM, "b.py": OTHER}, set(), "Several files may be for `layer_norm`"),
    "two versions": ({"v1/layer_norm.py": NORM, "v2/layer_norm.py": OTHER}, set(), "several versions of `layer_norm`"),
    "an older version": (
        {"layer_norm.py": NORM, "old/layer_norm.py": OTHER},
        {"layer_norm"},
        "old/layer_norm.py was ignored: layer_norm.py is graded instead.",
    ),
    "a copy": (
        {"layer_norm.py": NORM, "layer_norm (1).py": OTHER},
        {"layer_norm"},
        "layer_norm (1).py was ignored: layer_norm.py is graded instead.",
    ),
    "two in one": ({"layer_norm.py": BOTH}, {"layer_norm"}, "layer_norm.py also contains `causal_attention`"),
    "not a notebook": ({"layer_norm.ipynb": "{"}, set(), "layer_norm.ipynb was ignored: it is not a notebook"),
    "leads out": ({"hw.zip": {"../layer_norm.py": NORM}}, set(), "a name that leads out of the archive"),
    "typed": ({"onlinetext.html": "<p>"}, set(), "typed into the platform's text box: onlinetext.html"),
    "nothing": ({"notes.txt": ""}, set(), "contains no module and no notebook"),
}


@pytest.mark.parametrize("kind", LOST)
def test_what_is_not_graded_is_said(tmp_path: Path, kind: str) -> None:
    """What may be an answer and gets no grade is on the list, in the part for what wasn't graded."""
    files, exercises, said = LOST[kind]
    submission = taken(tmp_path, **files)
    assert submission.sources.keys() == exercises
    assert any(said in notice.text and notice.kind == "not_graded" for notice in submission.notices), submission.notes


def test_a_file_on_top_does_not_hide_the_exercises(tmp_path: Path) -> None:
    """Each exercise is taken from where it is, and an earlier version isn't preferred because it is on top."""
    files = {"layer_norm.py": NORM, "exercises/layer_norm.py": NORM, "exercises/causal_attention.py": ATTENTION}
    submission = taken(tmp_path, **files)
    assert submission.sources.keys() == {"layer_norm", "causal_attention"}
    assert submission.notes == ()


def test_other_names_inside_do_not_make_a_file_count_less(tmp_path: Path) -> None:
    """The module on top is graded, whatever its class is called, and the older one is named."""
    renamed = NORM.replace("LayerNorm", "LayerNormalization")
    submission = taken(tmp_path, **{"layer_norm.py": renamed, "old/layer_norm.py": NORM})
    assert submission.sources == {"layer_norm": renamed.encode()}
    assert submission.not_graded == {"old/layer_norm.py was ignored: layer_norm.py is graded instead."}
    (tmp_path / "ann" / "mine.py").write_text(NORM, encoding="utf-8")
    assert take_in(tmp_path / "ann", COURSE).sources == {"layer_norm": renamed.encode()}


def test_a_helper_is_not_taken_for_an_answer(tmp_path: Path) -> None:
    """A module that an answer imports is a helper, whatever it defines."""
    submission = taken(tmp_path, **{"layer_norm.py": f"import previous\n{NORM}", "previous.py": ATTENTION})
    assert submission.sources.keys() == {"layer_norm"}
    assert submission.helpers.keys() == {"previous"}
    assert submission.notes == ()


def test_a_misnamed_answer_that_another_one_imports_is_both(tmp_path: Path) -> None:
    """`LayerNorm.py` is graded as `layer_norm.py`, and the block that imports it still can."""
    block = f"from LayerNorm import LayerNorm\n{SOLUTIONS['gpt_block']}"
    submission = taken(tmp_path, **{"gpt_block.py": block, "LayerNorm.py": NORM})
    assert submission.sources.keys() == {"gpt_block", "layer_norm"}
    assert submission.helpers.keys() == {"LayerNorm"}


def test_nobody_vanishes_from_a_class(tmp_path: Path) -> None:
    """Archives and folders with odd names are submissions, and whatever is next to them is named."""
    school = put(
        tmp_path / "school",
        {
            "ann/layer_norm.py": NORM,
            "bob.zip": {"layer_norm.py": NORM},
            "ann.zip": {"ann/layer_norm.py": NORM},
            ".cat/layer_norm.py": NORM,
            "__dan/layer_norm.py": NORM,
            "eve.zip": b"PK",
            ".git/config": "",
            "__pycache__/x.pyc": "",
            "__MACOSX/._x": "",
            ".DS_Store": "",
            "layer_norm.py": NORM,
            "fay.rar": "",
            "roster.csv": "",
            "graded/.grader/x.json": "",
        },
    )
    (school / "link").symlink_to(school / "ann")
    survey = survey_of(school, COURSE)
    assert list(survey.submissions) == [".cat", "__dan", "ann", "bob", "eve"]
    sources = {name: set(take_in(path, COURSE, name).sources) for name, path in survey.submissions.items()}
    assert [name for name in sources if sources[name] != {"layer_norm"}] == ["eve"]
    said = {notice.text.partition(":")[0]: notice.kind for notice in survey.notices}
    assert said == {
        "A link was not followed": "not_graded",
        "Next to the submissions, so whose it is isn't clear": "not_graded",
        "Next to the submissions, and can't be opened here": "not_graded",
        "Next to the submissions, and ignored": "remark",
        "graded contains reports of the grader, so it wasn't graded. Keep such folders outside of the submissions.": "remark",
        "ann.zip was passed over": "remark",
    }


@pytest.mark.parametrize(
    "names",
    [
        ["smith_LATE_12345_67890_layer_norm-1.py", "doe_12346_67891_layer_norm.py"],
        ["smith_12345_67890_layer_norm-1.py"],
        ["layer norm_jdoe_attempt_2027-01-30-18-05-00_layer_norm.py"],
        ["Ann Lee_1115_assignsubmission_file_layer_norm.py"],
        ["ann_layer_norm.py", "bob_layer_norm.py"],
    ],
)
def test_a_download_without_folders_leads_to_collect(tmp_path: Path, names: list[str]) -> None:
    """Files of a class in one folder aren't graded as one submission; the message names the command that sorts them."""
    school = put(tmp_path / "school", {name: f"{NORM}# {name}\n" for name in names})
    with pytest.raises(NoSubmissions, match="grader collect"):
        survey_of(school, COURSE)


def test_one_submission_is_told_from_a_class(tmp_path: Path) -> None:
    """Folders for exercises, or a file with another name, are one submission; a wrapped class is a class."""
    exercises = put(tmp_path / "ann", {"layer_norm/a.py": NORM, "causal_attention/a.py": ATTENTION})
    misnamed = put(tmp_path / "bob", {"LayerNorm.py": NORM})
    assert survey_of(exercises, COURSE).is_single
    assert survey_of(misnamed, COURSE).submissions == {"bob": misnamed}
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "ann").symlink_to(exercises)
    with pytest.raises(NoSubmissions, match="only links"):
        survey_of(linked, COURSE)
    wrapped = put(tmp_path / "download", {"Week 3/ann/layer_norm.py": NORM, "Week 3/bob/layer_norm.py": OTHER})
    assert list(survey_of(wrapped, COURSE).submissions) == ["ann", "bob"]


def test_reports_do_not_become_a_student(tmp_path: Path) -> None:
    """A folder for the reports among the submissions is passed over, and nobody's submission is used as one."""
    school = put(tmp_path / "school", {"ann/layer_norm.py": NORM, "out/old.txt": ""})
    assert list(survey_of(school, COURSE, school / "out").submissions) == ["ann"]
    with pytest.raises(UsageError, match="Name another folder"):
        survey_of(school, COURSE, school / "ann")
    alone = put(
        tmp_path / "ann", {"layer_norm.py": NORM, "out/.grader/x": "", "out/results.json": "", "out/reports/a": ""}
    )
    assert survey_of(alone, COURSE, alone / "out").is_single
    assert take_in(alone, COURSE).notes == ()
    put(school, {".grader/x.json": "", "reports/ann.md": "", "results.json": ""})
    assert list(survey_of(school, COURSE, school).submissions) == ["ann", "out"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_is_read_in_any_encoding(encoding: str) -> None:
    """A text comes out as UTF-8 without a byte order mark, whatever editor saved it."""
    text = "# Größe\nx = 1\n"
    assert in_utf8(text.encode(encoding))[0].decode("utf-8") == text


def test_what_python_reads_stays_as_it_is() -> None:
    """A file that names its encoding isn't changed, nor is one that isn't text."""
    for data in ("# coding: latin-1\nx = 'ü'\n".encode("latin-1"), b"PK\x03\x04\0\0\0\xff", b""):
        assert in_utf8(data) == (data, "")
