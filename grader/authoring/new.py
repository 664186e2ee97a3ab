"""`grader new`: a new course, and a new exercise in a course."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from grader.authoring.generate import build
from grader.authoring.template_files import filled
from grader.course import COURSE_FILE, load_course
from grader.errors import CourseError

BLOCK = "block.yaml"
"""The template of an exercise's block in `course.yaml`."""
APPROACHES = Path("solutions", "approaches")
"""A folder of pages that a course has for all of its exercises or for none."""


def new_course(folder: Path, title: str = "") -> list[Path]:
    """Create a course with one exercise that works, and list its files, relative to the folder.

    Args:
        folder: its folder; it is empty or doesn't exist yet.
        title: the course's title; the folder's name by default.

    Raises:
        CourseError: the folder is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError(f"{folder} is not empty. Name a folder that doesn't exist yet.")
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "course"
    title = title or name.replace("-", " ").capitalize()
    written = []
    for path, text in filled("course", {"id": name, "title": title}):
        text = text.replace(f"title: {title}", f"title: {_scalar(title)}") if path.name == COURSE_FILE else text
        _write(folder / path, text)
        written.append(path)
    course = load_course(folder / COURSE_FILE)
    return written + [path.relative_to(course.root) for path in build(course)]


def new_exercise(course_file: Path, exercise: str) -> list[Path]:
    """Create the files of a new exercise as a draft, and list them, relative to the course; existing files are kept.

    Args:
        course_file: the file `course.yaml`.
        exercise: the exercise's id.

    Raises:
        CourseError: the id can't be the name of a module, or the block can't be added to `course.yaml`.
    """
    if not exercise.isidentifier() or not exercise.islower():
        raise CourseError(f"`{exercise}` can't be the name of a module: use a-z, 0-9 and _")
    root = course_file.resolve().parent
    files = dict(filled("exercise", {"id": exercise}))
    block = files.pop(Path(BLOCK))
    text = with_block(course_file.read_text(encoding="utf-8"), block, course_file.name)
    written = []
    for path, content in files.items():
        wanted = (root / APPROACHES).is_dir() or not path.is_relative_to(APPROACHES)
        if wanted and not (root / path).exists():
            _write(root / path, content)
            written.append(path)
    course_file.write_text(text, encoding="utf-8", newline="\n")
    return [*written, Path(course_file.name)]


def with_block(text: str, block: str, name: str = COURSE_FILE) -> str:
    """Return the text of `course.yaml` with a block after its last exercise; the rest is unchanged.

    Args:
        text: the text.
        block: the block of the new exercise.
        name: the file's name, for messages.

    Raises:
        CourseError: the exercises are not written as a block list.
    """
    tree = yaml.compose(text, yaml.SafeLoader)
    pairs = tree.value if isinstance(tree, yaml.MappingNode) else []
    node = next((value for key, value in pairs if key.value == "exercises"), None)
    by_hand = f"Add this to the `exercises` of {name} by hand:\n\n{block}"
    if not isinstance(node, yaml.SequenceNode) or node.flow_style or not node.value:
        raise CourseError(by_hand)
    lines = text.splitlines()
    # The list ends at the next key; the comment lines before that key belong to it.
    end = min(node.end_mark.line + (node.end_mark.column > 0), len(lines))
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    first = lines[node.value[0].start_mark.line]
    indentation = first[: len(first) - len(first.lstrip())]
    new = [f"{indentation}{line[2:]}" for line in block.splitlines()]
    after = lines[end:] if any(line.strip() for line in lines[end:]) else []
    result = "\n".join([*lines[:end], "", *new, *after]) + "\n"
    before = yaml.safe_load(text)
    before["exercises"] += yaml.safe_load(block)
    if yaml.safe_load(result) != before:
        raise CourseError(by_hand)
    return result


def _scalar(text: str) -> str:
    """Write a text as a YAML scalar, in quotes only if necessary."""
    try:
        plain = yaml.safe_load(f"title: {text}") == {"title": text}
    except yaml.YAMLError:
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
