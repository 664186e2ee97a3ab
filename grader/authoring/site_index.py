"""The first page of the site: where to start, the exercises in their order with the capstone among them, the tracks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from grader.course import Course, by_default

DOCS, LESSONS, CHECKS = "docs", "exercises", "checks"
README = "README.md"
CAPSTONE = f"{DOCS}/capstone.md"
"""The page about the capstone, if the course has one."""

INDEX = """\
# {title}

{count}, each with a lesson, a stub to fill in, and checks that explain what is wrong.

## Start here

{start}

## The exercises

| | lesson | builds on | the book | |
| --- | --- | --- | --- | --- |
{table}
{tracks}
```{{toctree}}
:hidden:
:caption: Lessons

{lessons}
```

```{{toctree}}
:hidden:
:caption: The checks

{checks}
```
{docs}"""

TREE = """
```{{toctree}}
:caption: The project
:maxdepth: 1

{pages}
```
"""

INSTALL = """\
1. **Install it.** In the project's folder, type:

   ```sh
   python -m venv .venv
   source .venv/bin/activate        # Windows: .venv\\Scripts\\activate
   pip install -e .
   ```
"""
ELSEWHERE_INSTALLED = "1. **Install the grader**, and open a terminal in the course's folder."
FIRST = """\
2. **Read the first lesson**, [{title}]({lesson}), and write your code in `{stub}`.
3. **Run `pytest -k {id}`**, or start `grader watch`, which checks your code whenever you save.
   Fix what it reports, and run it again.
   `grader progress` shows what comes next."""


def index(course: Course, pages: Collection[str]) -> str:
    """Write the first page.

    Args:
        course: the course.
        pages: the paths of the pages that don't depend on the course.
    """
    ids = [exercise.id for exercise in course.exercises]
    others = [page.removesuffix(".md") for page in pages if page != CAPSTONE or course.capstone is None]
    return INDEX.format(
        title=course.title,
        count="1 exercise" if len(ids) == 1 else f"{len(ids)} exercises",
        start=_start(course, pages),
        table="\n".join(_rows(course, pages)),
        tracks=_tracks(course),
        lessons="\n".join(_lessons(course, pages)),
        checks="\n".join(f"{CHECKS}/{name}" for name in ids),
        docs=TREE.format(pages="\n".join(others)) if others else "",
    )


def plain(text: str) -> str:
    """Keep a text from being read as Markdown, except for code in backticks."""
    parts = re.split(r"(`[^`\n]+`)", text)
    return "".join(
        part if index % 2 else re.sub(r"([\\*_\[\]<>$#{}|~`])", r"\\\1", part) for index, part in enumerate(parts)
    )


def _start(course: Course, pages: Collection[str]) -> str:
    """Write the first steps: install, read the first lesson of the default tracks, run its checks."""
    setup = course.root / "pyproject.toml"
    is_package = setup.is_file() and "\n[project]\n" in setup.read_text(encoding="utf-8")
    more = f"   [The README]({README}) says more about it.\n" if README in pages else ""
    default = by_default(course)
    first = next(exercise for exercise in course.exercises if exercise.id in default)
    return (f"{INSTALL}\n{more}" if is_package else f"{ELSEWHERE_INSTALLED}\n{more}") + FIRST.format(
        title=plain(first.title), lesson=f"{LESSONS}/{first.id}.md", stub=f"{LESSONS}/{first.id}.py", id=first.id
    )


def _rows(course: Course, pages: Collection[str]) -> Iterator[str]:
    """Write a row for each exercise, and after some of them what the capstone can do then."""
    milestones = course.capstone.milestones if course.capstone is not None else []
    capstone = f"[Capstone]({CAPSTONE})" if CAPSTONE in pages else "Capstone"
    for number, exercise in enumerate(course.exercises, 1):
        needs = ", ".join(f"`{name}`" for name in exercise.needs)
        links = f"[{plain(exercise.title)}]({LESSONS}/{exercise.id}.md)", f"[checks]({CHECKS}/{exercise.id}.md)"
        yield f"| {number} | {links[0]} | {needs} | {plain(exercise.book)} | {links[1]} |"
        for milestone in milestones:
            if milestone.after == exercise.id:
                yield f"| | {capstone}: {plain(milestone.title)}. `{milestone.command}` | | | |"
        if exercise.id == _last_of_the_capstone(course):
            yield f"| | **{capstone}: Put all your modules together.** `grader capstone` | | | |"


def _lessons(course: Course, pages: Collection[str]) -> Iterator[str]:
    """List the lessons, and the capstone's page after the last exercise that it uses."""
    for exercise in course.exercises:
        yield f"{LESSONS}/{exercise.id}"
        if exercise.id == _last_of_the_capstone(course) and CAPSTONE in pages:
            yield CAPSTONE.removesuffix(".md")


def _last_of_the_capstone(course: Course) -> str:
    """Return the last exercise that the capstone uses; an empty text if there is no capstone."""
    uses = course.capstone.uses if course.capstone is not None else []
    return next((exercise.id for exercise in reversed(course.exercises) if exercise.id in uses), "")


def _tracks(course: Course) -> str:
    """Say which tracks there are; empty if there are none."""
    if not course.tracks:
        return ""
    items = [
        f"- **`{track.id}`**: {plain(track.title)}."
        f" {', '.join(f'[{name}]({LESSONS}/{name}.md)' for name in track.exercises)}"
        for track in course.tracks
        if track.exercises
    ]
    return "\n".join(
        ["\n## Tracks\n\nYou don't have to do them all: `grader track` chooses a selection.\n", *items, ""]
    )
