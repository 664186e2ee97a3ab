"""Intake, fuzzed: whatever is in a submission's folder, only regular files of bounded size with known names are taken."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grader.course import load_course
from grader.errors import NoSubmissions
from grader.grading import find_submissions, take_in
from grader.grading.encodings import in_utf8
from grader.grading.handed_in import MAX_FILE

COURSE = load_course(Path(__file__).resolve().parents[2] / "course.yaml")
MODULES = [f"{exercise.id}.py" for exercise in COURSE.exercises]

names = st.sampled_from([*MODULES, "conftest.py", "__init__.py", "torch.py", "exercises", ".git", "layer_norm.ipynb"])
names = names | st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
names = names.filter(lambda name: name not in (".", ".."))
kinds = st.sampled_from(["file", "big", "folder", "link out", "link inside", "link to nothing", "pipe"])


def put(folder: Path, name: str, kind: str, content: bytes, outside: Path) -> None:
    """Put one entry into a folder."""
    path = folder / name
    if os.path.lexists(path):
        return
    match kind:
        case "file":
            path.write_bytes(content)
        case "big":
            path.write_bytes(b"#" * (MAX_FILE + 1))
        case "folder":
            path.mkdir()
            (path / "layer_norm.py").write_bytes(content)
        case "link out":
            path.symlink_to(outside)
        case "link inside":
            path.symlink_to(folder)
        case "link to nothing":
            path.symlink_to("nowhere")
        case "pipe":
            os.mkfifo(path)


@given(entries=st.lists(st.tuples(names, kinds, st.binary(max_size=40)), max_size=8))
def test_whatever_lies_in_a_folder_is_taken_safely(entries: list[tuple[str, str, bytes]]) -> None:
    """Nothing raises, nothing hangs, nothing outside is read, and what is taken is what is there."""
    with tempfile.TemporaryDirectory() as scratch:
        secret = Path(scratch) / "secret.py"
        secret.write_bytes(b"SECRET")
        folder = Path(scratch) / "given"
        folder.mkdir()
        for name, kind, content in entries:
            put(folder, name, kind, content, secret)
        taken = take_in(folder, COURSE)
        assert {f"{module}.py" for module in taken.sources} <= set(MODULES)
        contents = {in_utf8(content)[0] for _, _, content in entries}
        assert all(source in contents and len(source) <= MAX_FILE for source in taken.sources.values())
        assert all(note.isprintable() for note in taken.notes)
        try:
            paths = find_submissions(folder, COURSE)
        except NoSubmissions:
            return
        assert all(path == folder or path.parent == folder for path in paths)


def test_a_lessons_figures_are_no_part_of_a_submission(tmp_path: Path) -> None:
    """A learner's folder has them next to the modules, and they get no remark."""
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "heads.svg").write_text("<svg/>", encoding="utf-8")
    name = COURSE.exercises[0].id
    (tmp_path / f"{name}.py").write_text("x = 1\n", encoding="utf-8")
    assert find_submissions(tmp_path, COURSE) == [tmp_path]
    assert take_in(tmp_path, COURSE).notes == ()
