"""Notebooks and their zip file are made from lesson, solution and checks, and give nothing hidden away."""

from __future__ import annotations

import base64
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from grader.authoring.generate import build
from grader.course import Course, load_course
from grader.notebooks.bundle import write_bundle
from grader.notebooks.make import make_notebook
from grader.workbook import cells_run

LESSON = """\
# Doubling

**You write:** `exercises/double.py`

## The idea

$2x$ ![a picture](pictures/double.png) ![a drawing](pictures/drawn.svg) ![elsewhere](https://example.org/x.png)

## The code to write

<!-- file -->Open `exercises/double.py`.<!-- notebook: Write into the cell. -->

```python
from exercises.double import double
print(double(3))
```

## How to tell when you're done

```text
pytest -k double
```

## Going further

Triple.
"""
PICTURE, TWIN = b"\x89PNG and so on", b"\x89PNG of the drawing"
MORE = '''

    def test_double_minus_one(learner):
        """Twice -1 is -2."""
        expect_equal(learner.call("double", -1.0), -2.0, "double(-1)")
'''


@pytest.fixture
def tiny(tiny_course: Callable[..., Path]) -> Course:
    """Return a small course whose first lesson has a picture."""
    path = tiny_course(exercises__double_dot_md=LESSON, exercises__twice_dot_md="# Twice\n")
    (path.parent / "exercises" / "pictures").mkdir()
    (path.parent / "exercises" / "pictures" / "double.png").write_bytes(PICTURE)
    (path.parent / "exercises" / "pictures" / "drawn.svg").write_text("<svg/>", encoding="utf-8")
    (path.parent / "exercises" / "pictures" / "drawn.png").write_bytes(TWIN)
    course = load_course(path)
    build(course)
    return course


def test_lesson_code_and_checks_are_in_reading_order(tiny: Course) -> None:
    """Pictures are attached to their cells, and the text talks about cells instead of files."""
    notebook = make_notebook(tiny, tiny.by_id["double"], "grader.zip")
    text = "\n".join(cell.source for cell in notebook.cells)
    positions = [text.index(part) for part in ("# Doubling", "## The idea", "## The code", "## Your code", "## Going")]
    assert positions == sorted(positions)
    assert "Write into the cell." in text
    assert "exercises/" not in text
    assert "pytest -k" not in text
    assert "from exercises" not in text
    picture = next(cell for cell in notebook.cells if cell.get("attachments"))
    assert base64.b64decode(picture.attachments["double.png"]["image/png"]) == PICTURE
    assert "![a picture](attachment:double.png)" in picture.source
    # JupyterLab doesn't show an SVG that is attached to a cell.
    assert "![a drawing](attachment:drawn.png)" in picture.source
    assert base64.b64decode(picture.attachments["drawn.png"]["image/png"]) == TWIN
    assert "![elsewhere](https://example.org/x.png)" in picture.source


def test_ids_stay_when_checks_are_added(tiny: Course) -> None:
    """If you add a check, the other cells keep their ids, by which nbgrader's gradebook knows them."""
    before = {cell.id: cell.source for cell in make_notebook(tiny, tiny.by_id["double"], "b.zip").cells}
    path = tiny.check_folder("visible") / "test_double.py"
    path.write_text(path.read_text(encoding="utf-8") + MORE.replace("\n    ", "\n"), encoding="utf-8")
    more = load_course(tiny.root / "course.yaml")
    after = {cell.id: cell.source for cell in make_notebook(more, more.by_id["double"], "b.zip").cells}
    graded = {name for name in before if "test" in name or "hidden" in name or name == "double-double"}
    assert len(graded) == 3
    assert all(after[name] == before[name] for name in graded)
    assert len(after) == len(before) + 1


def test_a_hidden_checks_cell_does_not_name_it(tiny: Course) -> None:
    """Neither a hidden check's id nor its title appears anywhere in the notebook."""
    notebook = make_notebook(tiny, tiny.by_id["double"], "b.zip")
    hidden = next(check for check in tiny.by_id["double"].checks if check.visibility == "hidden")
    text = str(notebook)
    assert hidden.id not in text
    assert hidden.title not in text


def test_the_bundle_leaves_drafts_out(tiny_course: Callable[..., Path], tmp_path: Path) -> None:
    """The bundle neither names a draft nor contains a file of it; it is the same as without the draft."""
    write_bundle(load_course(tiny_course()), tmp_path / "without.zip")
    listed = tiny_course().read_text(encoding="utf-8") + "  - {id: thrice, title: Thrice, draft: true}\n"
    written = {
        "course_dot_yaml": listed,
        "exercises__thrice_dot_md": "# Thrice\n",
        "exercises__thrice_dot_py": "def thrice(x): ...\n",
        "solutions__standins__thrice_dot_py": "def thrice(x): return x + x + x\n",
        "tests__visible__test_thrice_dot_py": "not Python yet",
        "tests__visible__golden__thrice_dot_json": "{}",
    }
    write_bundle(load_course(tiny_course(**written)), tmp_path / "with.zip")
    with zipfile.ZipFile(tmp_path / "with.zip") as bundle:
        assert not any("thrice" in name for name in bundle.namelist())
        assert b"thrice" not in bundle.read("course.yaml").lower()
    assert (tmp_path / "with.zip").read_bytes() == (tmp_path / "without.zip").read_bytes()


def test_the_bundle_contains_nothing_hidden_and_runs_by_itself(tiny: Course, tmp_path: Path) -> None:
    """The same course gives the same bytes; hidden checks are counted but not named, and the zip file runs."""
    course_file = tiny.root / "course.yaml"
    hidden = next(check for check in tiny.by_id["double"].checks if check.visibility == "hidden")
    text = course_file.read_text(encoding="utf-8").replace(
        "  - id: double\n", f"  - id: double\n    weights: {{{hidden.id}: 5}}\n", 1
    )
    course_file.write_text(text, encoding="utf-8")
    course = load_course(course_file)
    assert course.by_id["double"].check(hidden.id).points == 5
    for name in ("one.zip", "other.zip"):
        write_bundle(course, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as bundle:
        names = bundle.namelist()
        assert not any(name.startswith(("tests/hidden", "tests/kit")) for name in names)
        assert all(name.startswith("solutions/standins/") for name in names if name.startswith("solutions"))
        assert bundle.read("exercises/pictures/drawn.svg") == b"<svg/>"
        assert not any(hidden.id.encode() in bundle.read(name) for name in names)
    program = (
        "import sys; sys.path.insert(0, 'one.zip')\n"
        "from grader.workbook import open_workbook\n"
        "In = ['', 'def double(x):\\n    return x + x']\n"
        "workbook = open_workbook('double', globals())\n"
        "workbook.check('test_double_three')\n"
        "workbook.check()\n"
    )
    run = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "double: PASSED, all 1 visible checks; 1 hidden ones run at grading" in run.stdout


def test_a_cell_with_a_magic_counts_at_home_as_it_was_typed() -> None:
    """IPython keeps `%%time` above a class as one string; the class is found all the same, as at grading."""
    settings = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell(config=settings)
    typed = "%%time\ndef double(x):\n    return 2 * x"
    shell.run_cell(typed, store_history=True)
    assert typed not in shell.user_ns["In"]
    assert cells_run({"get_ipython": lambda: shell, "In": shell.user_ns["In"]})[-1] == typed
    assert cells_run({"In": ["", "x = 1"]}) == ["", "x = 1"]
