"""What nbgrader would refuse: notebooks are rewritten from what was read, times are named, and reasons are real.

nbgrader itself isn't run here: `test_nbgrader.py` takes some of these notebooks all the way.
"""

from __future__ import annotations

import codecs
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.validator import validate

from grader.course import load_course
from grader.grading.intake import take_in
from grader.grading.notebook import read_tree
from grader.notebooks.arrivals import prepare
from grader.notebooks.refusals import fault_in_timestamp, reason_in
from grader.notebooks.to_the_letter import fault_in, to_the_letter

COURSE = load_course(Path(__file__).resolve().parents[2] / "course.yaml")
NORM = (COURSE.solutions / "layer_norm.py").read_text(encoding="utf-8")
MARK = {"grade_id": "layer_norm", "solution": True, "grade": False, "locked": False, "schema_version": 3}


def sound() -> dict[str, Any]:
    """Return a notebook to the letter of its format, as JSON."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell("Größe"), nbformat.v4.new_code_cell(NORM)]
    notebook.cells[1].metadata.nbgrader = MARK
    tree = json.loads(nbformat.writes(notebook))
    assert isinstance(tree, dict)
    return tree


def in_every_cell(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda tree: [cell.update(copy.deepcopy(fields)) for cell in tree["cells"]]


def in_metadata(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda tree: [cell["metadata"].update(copy.deepcopy(fields)) for cell in tree["cells"]]


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "ids are null": in_every_cell(id=None),
    "ids are missing": lambda tree: [cell.pop("id") for cell in tree["cells"]],
    "ids are all the same": in_every_cell(id="same"),
    "ids have blanks": in_every_cell(id="an id"),
    "tags twice": in_metadata(tags=["a", "a"]),
    "tags as text": in_metadata(tags="a"),
    "times as numbers": in_metadata(execution={"iopub.execute_input": 5}),
    "no metadata": lambda tree: tree.pop("metadata"),
    "metadata is null": lambda tree: tree.update(metadata=None),
    "no metadata of cells": lambda tree: [cell.pop("metadata") for cell in tree["cells"]],
    "no outputs": lambda tree: [cell.pop("outputs", None) for cell in tree["cells"]],
    "no version": lambda tree: [tree.pop(key) for key in ("nbformat", "nbformat_minor")],
    "a version of the future": lambda tree: tree.update(nbformat=5),
    "kernel without a name": lambda tree: tree["metadata"].update(kernelspec={}),
    "a strange cell": lambda tree: tree["cells"].append({"cell_type": "strange", "source": "x"}),
    "a cell that is null": lambda tree: tree["cells"].append(None),
    "half of a character": lambda tree: tree["cells"][0].update(source="\ud800"),
}
BYTES: dict[str, Callable[[str], bytes]] = {
    "byte order mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "NaN": lambda text: text.replace('"nbformat":', '"x": NaN, "nbformat":').encode(),
}


def damaged(kind: str) -> bytes:
    """Return the bytes of a notebook that isn't to the letter."""
    tree = sound()
    if kind in CHANGES:
        CHANGES[kind](tree)
        return json.dumps(tree).encode()
    return BYTES[kind](json.dumps(tree, ensure_ascii=False))


@pytest.mark.parametrize("kind", [*CHANGES, *BYTES])
def test_a_notebook_is_rewritten(kind: str) -> None:
    """A fault is seen before nbgrader sees it, and what is written is valid and has the same code and marks."""
    data = damaged(kind)
    assert fault_in(data)
    written = to_the_letter(read_tree(data))
    validate(written)
    assert fault_in(nbformat.writes(written).encode()) == ""
    assert written.cells[1].source == NORM
    if "metadata of cells" not in kind:
        assert written.cells[1].metadata.nbgrader == MARK


def test_a_sound_notebook_is_left_alone() -> None:
    """What Jupyter writes needs no repair, also with more fields than the format has."""
    tree = sound()
    tree["cells"][0]["more"] = 1
    assert fault_in(json.dumps(tree).encode()) == ""


@pytest.mark.parametrize("kind", [*CHANGES, *BYTES])
def test_both_ways_grade_the_same_code(tmp_path: Path, kind: str) -> None:
    """`grader grade` reads from the damaged notebook what nbgrader gets from the repaired one, and a notice says so."""
    folder = tmp_path / "ann" / "norms"
    folder.mkdir(parents=True)
    path = folder / "layer_norm.ipynb"
    handed_in = damaged(kind)
    path.write_bytes(handed_in)
    before = take_in(folder, COURSE).sources["layer_norm"]
    (notice,) = prepare(COURSE, ["layer_norm"], folder)
    assert notice.submission == "ann"
    assert "It was repaired. layer_norm.ipynb.original is what was handed in." in notice.text
    assert list(prepare(COURSE, ["layer_norm"], folder)) == [notice], "a second run says the same"
    assert path.with_name("layer_norm.ipynb.original").read_bytes() == handed_in
    after = take_in(folder, COURSE)
    assert after.sources["layer_norm"] == before
    assert after.notes == ()


def test_a_misnamed_notebook_gets_its_name(tmp_path: Path) -> None:
    """Nbgrader needs the exact name; what is graded instead is said in every run."""
    folder = tmp_path / "ann" / "norms"
    (folder / "hw").mkdir(parents=True)
    (folder / "hw" / "LayerNorm.ipynb").write_text(json.dumps(sound()), encoding="utf-8")
    notices = [list(prepare(COURSE, ["layer_norm"], folder)) for _ in range(2)]
    assert notices[0] == notices[1]
    assert "hw/LayerNorm.ipynb is graded instead" in notices[0][0].text
    assert (folder / "layer_norm.ipynb").is_file()
    assert take_in(folder, COURSE).sources.keys() == {"layer_norm"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"2027-01-30 18:05:00 UTC\n", ""),
        (b"\n\n2027-01-30T18:05:00+01:00\n\n", ""),
        (codecs.BOM_UTF8 + b"2027-01-30 18:05:00 UTC", ""),
        ("2027-01-30 18:05:00 UTC\r\n".encode("utf-16"), ""),
        (b"", ""),
        (b"yesterday\n", "timestamp.txt, line 1: `yesterday` isn't a time"),
        (b"\n\n31.31.2027\n", "timestamp.txt, line 3: `31.31.2027` isn't a time"),
        (b"2027-01-30 18:05:00 UTC\nand so on\n", "timestamp.txt, line 2: `and so on` isn't a time"),
    ],
)
def test_a_time_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    """The line is named; a time in another encoding is written again, so that nbgrader can read it."""
    path = tmp_path / "timestamp.txt"
    path.write_bytes(content)
    problem = fault_in_timestamp(tmp_path)
    assert problem.startswith(said)
    assert bool(problem) == bool(said)
    if content and not said:
        assert path.read_text(encoding="utf-8").strip().startswith("2027-01-30")


def test_the_reason_is_the_line_that_says_something() -> None:
    """Of nbgrader's tracebacks and log, the line with the exception is shown, or the error that it logged."""
    log = (
        "[ERROR] There was an error processing assignment: /nb/submitted/ann/norms\n"
        "[ERROR] Traceback (most recent call last):\n"
        '      File "base.py", line 390, in convert_notebooks\n'
        "    ValueError: no rule for ann\n"
        "[ERROR] Please see the the above traceback for details on the specific errors on the above failures.\n"
    )
    error = "Traceback (most recent call last):\nnbgrader.converters.base.NbGraderException: Please see the above."
    assert reason_in(error, log) == "nbgrader says: ValueError: no rule for ann"
    assert reason_in("", "[ERROR] Invalid string: x\n") == "nbgrader says: Invalid string: x"
    assert reason_in("", "") == "nbgrader didn't say why"
