"""Following `docs/new-course.md` to the letter leads from an empty folder to a graded class in another subject."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.kit.commands import run_module
from tests.kit.pages import finish, replace_block, write_files

PAGE = Path(__file__).resolve().parents[2] / "docs" / "new-course.md"
TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)\n```$", TEXT, re.MULTILINE | re.DOTALL)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command from the page in a folder."""
    return run_module(*words, cwd=folder)


def test_the_page_leads_to_a_graded_class(tmp_path: Path) -> None:
    """The new course works at once, a draft breaks nothing, and the finished exercise names its own mistake."""
    create, begin, look, grade = COMMANDS
    created = run(tmp_path, *create.split())
    assert created.returncode == 0, created.stderr
    root = tmp_path / "sorting"
    begun = run(root, *begin.split())
    assert begun.returncode == 0, begun.stderr
    assert "1. solutions/insertion_sort.py, line 1:" in begun.stdout

    # Whatever a draft contains, the other exercise is still checked and built.
    (root / "tests" / "visible" / "test_insertion_sort.py").write_text("def half", encoding="utf-8")
    checked = run(root, "pytest", "--submission", "solutions")
    assert checked.returncode == 0, checked.stdout
    assert "average: PASSED" in checked.stdout
    assert "insertion_sort" not in checked.stdout
    built = run(root, "grader", "build", "--check")
    assert built.returncode == 0, built.stderr
    assert "`insertion_sort` is a draft and was left out." in built.stdout

    write_files(TEXT, root)
    replace_block(TEXT, root / "course.yaml", "insertion_sort")
    looked = run(root, *look.split())
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert looked.stdout.strip() in TEXT
    finish(root / "course.yaml")
    assert "insertion_sort: not started" in run(root, "pytest").stdout

    graded = run(root, *grade.split())
    assert graded.returncode == 0, graded.stderr
    results = json.loads((root / "graded" / "results.json").read_text(encoding="utf-8"))
    scores = {entry["id"]: entry["exercises"]["insertion_sort"]["score"] for entry in results["submissions"]}
    assert scores == {"ann": 1.0, "bob": 4.0}
    report = (root / "graded" / "reports" / "ann.md").read_text(encoding="utf-8")
    assert "You drop numbers that are already in the result." in report


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    """A course is created only in an empty folder, so that nothing is overwritten."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    refused = run(tmp_path, "grader", "new", "course", ".")
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr


@pytest.mark.parametrize("after", ["", "\n# About the points.\npoints: 2\n"])
def test_a_new_exercise_keeps_the_rest_of_course_yaml(after: str) -> None:
    """The block goes after the last exercise; comments and everything after the list stay unchanged."""
    from grader.authoring.new import with_block

    head = "id: c\n# Kept.\ntitle: C\nexercises:\n  - id: a  # First.\n    title: A\n"
    text = with_block(head + after, "  - id: b\n    title: B\n")
    assert text == head + "\n  - id: b\n    title: B\n" + after
