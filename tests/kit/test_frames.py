"""Frames of pandas on the learner's side: what probes make and read, and what they say if pandas is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.extras import not_installed
from grader.learner import frames
from grader.learner.disk import Disk
from grader.learner.frames import csv_file, frame, frame_compared, frame_contents

COLUMNS = {"Label": ["ham", "spam", "ham"], "Text": ["see you, then", 'a "free" prize', "see you, then"]}


def test_a_frame_comes_back_as_plain_data() -> None:
    """Columns, index and rows come back as they were, whatever the index is and however often a row occurs."""
    pytest.importorskip("pandas")
    made: Any = frame({**COLUMNS, "Length": [1, 2, 3]}, index=[9, "b", 2])
    assert frame_contents(made) == {
        "columns": ["Label", "Text", "Length"],
        "index": [9, "b", 2],
        "rows": [["ham", "see you, then", 1], ["spam", 'a "free" prize', 2], ["ham", "see you, then", 3]],
    }
    assert [type(value) for value in frame_contents(made)["rows"][0]] == [str, str, int]
    assert frame_contents(frame(COLUMNS))["index"] == [0, 1, 2]
    assert frame_contents(made.iloc[:0])["rows"] == []


def test_what_is_no_frame_comes_back_as_it_is() -> None:
    """The items of a list or tuple are looked at, and anything else is left alone."""
    pytest.importorskip("pandas")
    contents = frame_contents((frame({"Text": ["a"]}), None, [3]))
    assert contents == [{"columns": ["Text"], "index": [0], "rows": [["a"]]}, None, [3]]
    assert frame_contents("a text") == "a text"
    whole = frame(COLUMNS)
    assert frame_compared((whole, None), whole) == (whole, None)
    assert frame_compared(None, whole) is None


def test_rows_are_compared_with_those_they_were_taken_from() -> None:
    """The comparison names columns that are gone, and rows that are new, too many or too few."""
    pytest.importorskip("pandas")
    whole: Any = frame({"Label": [0, 1, 0, 1, 0], "Text": ["a", "b", "c", "d", "a"]}, index=[3, 1, 4, 9, 5])
    none = {"columns": [], "changed": False, "repeated": False, "missing": False, "neighbors": False}
    assert frame_compared(whole, whole) == none | {"rows": 5}
    assert frame_compared(whole.iloc[[3, 1, 2]], whole) == none | {"rows": 3, "missing": True, "neighbors": True}
    assert frame_compared(whole.iloc[[1, 3]], whole) == none | {"rows": 2, "missing": True}
    assert frame_compared(whole.iloc[[1, 3]], whole, {"Label": 1}) == none | {"rows": 2, "neighbors": True}
    twice = whole.iloc[[0, 4, 0, 1, 2, 3]].reset_index()
    assert frame_compared(twice, whole) == none | {"rows": 6, "repeated": True}
    other = frame({"Text": ["a", "b", "c", "d", "e"], "Label": [0, 1, 0, 1, 0]})
    assert frame_compared(other, whole) == none | {"rows": 5, "changed": True, "missing": True}
    assert frame_compared(frame({"Text": ["a"]}), whole) == {"columns": ["Label"]}
    halves = frame_compared((whole.iloc[1:3], whole.iloc[3:]), whole)
    assert [part["rows"] for part in halves["parts"]] == [2, 2]
    assert halves["together"] == none | {"rows": 4, "missing": True, "neighbors": True}


def test_a_file_has_the_columns() -> None:
    """A CSV file on a disk has the names of the columns in its first line, and no index."""
    pandas = pytest.importorskip("pandas")
    disk = Disk()
    path = csv_file(disk, "train.csv", COLUMNS)
    with open(path, encoding="utf-8") as file:
        assert file.readline() == "Label,Text\n"
    assert frame_contents(pandas.read_csv(path)) == frame_contents(frame(COLUMNS))


def test_without_pandas_a_use_of_a_frame_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence is the one that the grader's own commands have for a missing package."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    made: Any = frame(COLUMNS)
    assert made[made["Label"] == "spam"] is made
    for use in (lambda: len(made), lambda: made.sample(frac=1), lambda: frame_contents(made)):
        with pytest.raises(ModuleNotFoundError) as raised:
            use()
        assert str(raised.value) == frames.MISSING == not_installed("This exercise needs", "pandas", "finetuning")


WITHOUT_PANDAS = "import sys; sys.modules['pandas'] = None; import pytest; sys.exit(pytest.main(sys.argv[1:]))"


def _visible_checks(submission: str) -> str:
    """Run the visible checks of spam_data in a Python without pandas; return what pytest printed."""
    checks = ["tests/visible/test_spam_data.py", "--submission", submission, "--all"]
    command = [sys.executable, "-c", WITHOUT_PANDAS, *checks]
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout


def test_without_pandas_a_right_answer_learns_what_to_install() -> None:
    """Each check that fails says that pandas is missing and what to type, and nothing else is wrong."""
    printed = _visible_checks("solutions")
    assert "0 of 19 visible checks passed" in printed
    text = " ".join(printed.split())
    assert text.count("raised ModuleNotFoundError") == text.count(f"installed. {frames.INSTALL}") == 19


def test_without_pandas_a_stub_is_not_started() -> None:
    """Whoever hasn't begun the exercise sees no failure."""
    printed = _visible_checks("exercises")
    assert "spam_data: not started" in printed
    assert "FAILED" not in printed
