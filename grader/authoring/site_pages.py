"""The pages of the site before they are built: lessons in the order of the course, their checks, the docs.

Nothing is written only for the site: a page is an existing Markdown file, followed by parts that are generated from
`course.yaml` and the checks.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from grader.authoring.matrix_page import PAGE
from grader.authoring.matrix_page import PICTURES as MATRIX_PICTURES
from grader.authoring.site_index import CHECKS, DOCS, LESSONS, index, plain
from grader.course import Check, Course, Exercise
from grader.course.check_file import read_checks
from grader.practice.pages import with_questions
from grader.practice.question import load_questions

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
PICTURES = (".svg", ".png")
# Some text of a lesson is different in a notebook.
ELSEWHERE = re.compile(r"<!-- file -->(.*?)<!-- notebook: .*? -->", re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s:#]+)\)")
DONE, DONE_ANCHOR = "How to tell when you're done", "how-to-tell-when-youre-done"
"""The heading in a lesson for the part about the checks."""


def stage(course: Course, folder: Path) -> None:
    """Write the pages and pictures of a course into an empty folder."""
    pages = list(_pages(course))
    written = {path for path, _ in pages} | {f"{LESSONS}/{exercise.id}.md" for exercise in course.exercises}
    for path, text in pages:
        _write(folder / path, _linked(course, path, text, written))
    for exercise in course.exercises:
        path = f"{LESSONS}/{exercise.id}.md"
        _write(folder / path, _linked(course, path, lesson(course, exercise), written))
        _write(folder / CHECKS / f"{exercise.id}.md", checks(course, exercise))
    for name in (LESSONS, DOCS):
        for source in (course.root / name).rglob("*"):
            if source.suffix in PICTURES and _may_be_read(course, source):
                target = folder / source.relative_to(course.root)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    _write(folder / "index.md", index(course, [path for path, _ in pages]))


def lesson(course: Course, exercise: Exercise) -> str:
    """Write an exercise's lesson, followed by the list of its checks."""
    text = ELSEWHERE.sub(r"\1", _lesson_text(course, exercise) or f"# {exercise.title}\n")
    text = with_questions(text, load_questions(course, exercise.id))
    return f"{text.rstrip()}\n\n{_list_of_checks(course, exercise)}"


def checks(course: Course, exercise: Exercise) -> str:
    """Write the page of an exercise's visible checks: the title, hint and source of each."""
    path = f"../{LESSONS}/{exercise.id}.md"
    has_section = f"## {DONE}\n" in _lesson_text(course, exercise)
    back = f"[{DONE}]({path}#{DONE_ANCHOR})" if has_section else f"[the lesson]({path})"
    parts = [
        f"# Checks: {plain(exercise.title)}\n",
        f"`pytest -k {exercise.id}` runs these checks, as the lesson explains under {back}.\n",
    ]
    written = read_checks(course.check_folder("visible") / f"test_{exercise.id}.py", course.root)
    sources = {check.name: check.source for check in written}
    for check in exercise.checks:
        if check.visibility == "visible":
            parts.append(f"({target(check)})=\n## {plain(check.title)}\n")
            parts.append(f"`pytest -k {check.id}`, {_points(check)}\n")
            parts += [f"{plain(check.hint)}\n"] if check.hint else []
            parts.append(f"```python\n{sources[check.id]}\n```\n")
    return "\n".join(parts)


def _list_of_checks(course: Course, exercise: Exercise) -> str:
    visible = [check for check in exercise.checks if check.visibility == "visible"]
    hidden = [check for check in exercise.checks if check.visibility == "hidden"]
    lines = ["## The checks", ""]
    lines += ["You can run these:", ""] if visible else []
    lines += [f"- [{plain(check.title)}](#{target(check)})" for check in visible]
    if exercise.hidden_checks and hidden and tells_titles(course):
        lines += ["", "These are hidden and run when your work is graded:", ""]
        lines += [f"- {plain(check.title)}" for check in hidden]
    elif exercise.hidden_checks:
        many = "check is" if exercise.hidden_checks == 1 else "checks are"
        lines += ["", f"{exercise.hidden_checks} more {many} hidden and run when your work is graded."]
    return "\n".join(lines) + "\n"


def tells_titles(course: Course) -> bool:
    """Say whether anybody may read the titles of hidden checks, both before and after the due date."""
    feedback = course.hidden_feedback
    return "category" not in (feedback.before_due, feedback.after_due)


def target(check: Check) -> str:
    """Return the link target of a check on its page."""
    return f"check-{check.exercise}-{check.id}".replace("_", "-")


def _points(check: Check) -> str:
    return f"{check.points:g} point{'' if check.points == 1 else 's'}"


def _pages(course: Course) -> Iterator[tuple[str, str]]:
    """List the pages that don't depend on the course: path and text."""
    for path in [*(course.root / name for name in PAGES), *sorted((course.root / DOCS).glob("*.md"))]:
        if path.is_file() and _may_be_read(course, path):
            yield path.relative_to(course.root).as_posix(), path.read_text(encoding="utf-8")


def _may_be_read(course: Course, path: Path) -> bool:
    """Say whether a page or picture of the docs is public; the matrix isn't, because it names every hidden check."""
    about_hidden = (course.root / DOCS / PAGE, course.root / DOCS / MATRIX_PICTURES)
    return tells_titles(course) or not any(path.is_relative_to(folder) for folder in about_hidden)


def _lesson_text(course: Course, exercise: Exercise) -> str:
    path = course.stubs / f"{exercise.id}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _linked(course: Course, path: str, text: str, written: set[str]) -> str:
    """Turn links to files that aren't pages of the site into plain text; broken links stay and are reported."""

    def corrected(link: re.Match[str]) -> str:
        file = ((course.root / path).parent / link[2]).resolve()
        known = file.is_relative_to(course.root) and file.relative_to(course.root).as_posix() in written
        return link[0] if known or not file.exists() else link[1]

    return LINK.sub(corrected, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
