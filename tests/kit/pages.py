"""Follow a page of the docs: write the files that it shows."""

from __future__ import annotations

import re
from pathlib import Path

FILE = re.compile(r"^`([\w/]+\.\w+)`\n\n(`{3,4})\w+\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
"""A file name in backticks on its own line, followed by a block with the file's content."""


def write_files(page: str, root: Path) -> list[str]:
    """Write each file that a page shows in full; list their names."""
    names = []
    for name, _, content in FILE.findall(page):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        names.append(name)
    return names


def replace_block(page: str, course_file: Path, exercise: str) -> None:
    """Replace the last block of `course.yaml` with the one that a page shows for an exercise."""
    (block,) = re.findall(rf"^```yaml\n(  - id: {exercise}\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    before, _, _ = course_file.read_text(encoding="utf-8").partition(f"  - id: {exercise}\n")
    course_file.write_text(before + block, encoding="utf-8")


def finish(course_file: Path) -> None:
    """Delete the line `draft: true` of the last exercise, which is the new one."""
    before, _, after = course_file.read_text(encoding="utf-8").rpartition("    draft: true\n")
    course_file.write_text(before + after, encoding="utf-8")
