"""Frames of pandas on the learner's side: what probes make and read, and what they say if pandas is missing."""

from __future__ import annotations

import sys

import pytest

from grader.extras import not_installed
from grader.learner import frames
from grader.learner.disk import Disk
from grader.learner.frames import csv_file, frame, frame_contents

COLUMNS = {"Label": ["ham", "spam", "ham"], "Text": ["see you, then", 'a "free" prize', "see you, then"]}


def test_a_frame_comes_back_as_plain_data() -> None:
    """Columns, index and rows come back as they were, whatever the index is and however often a row occurs."""
    pytest.importorskip("pandas")
    made = frame({**COLUMNS, "Length": [1, 2, 3]}, index=[9, "b", 2])
    assert frame_contents(made) == {
        "columns": ["Label", "Text", "Length"],
        "index": [9, "b", 2],
        "rows": [["ham", "see you, then", 1], ["spam", 'a "free" prize', 2], ["ham", "see you, then", 3]],
    }
    numbers = [type(value) for value in frame_contents(made)["rows"][0]]
    assert numbers == [str, str, int]
    assert frame_contents(frame(COLUMNS))["index"] == [0, 1, 2]
    assert frame_contents(made.iloc[:0])["rows"] == []


def test_what_is_no_frame_comes_back_as_it_is() -> None:
    """The items of a list or tuple are looked at, and anything else is left alone."""
    pytest.importorskip("pandas")
    contents = frame_contents((frame({"Text": ["a"]}), None, [3]))
    assert contents == [{"columns": ["Text"], "index": [0], "rows": [["a"]]}, None, [3]]
    assert frame_contents("a text") == "a text"


def test_a_file_has_the_columns() -> None:
    """A CSV file on a disk has the names of the columns in its first line, and no index."""
    pandas = pytest.importorskip("pandas")
    disk = Disk()
    path = csv_file(disk, "train.csv", COLUMNS)
    with open(path, encoding="utf-8") as file:
        assert file.readline() == "Label,Text\n"
    assert frame_contents(pandas.read_csv(path)) == frame_contents(frame(COLUMNS))


def test_without_pandas_every_probe_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence is the one that the grader's own commands have for a missing package."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    disk = Disk()
    for use in (lambda: frame(COLUMNS), lambda: csv_file(disk, "a.csv", COLUMNS), lambda: frame_contents(None)):
        with pytest.raises(ModuleNotFoundError) as raised:
            use()
        assert str(raised.value) == frames.MISSING == not_installed("This exercise needs", "pandas", "finetuning")
