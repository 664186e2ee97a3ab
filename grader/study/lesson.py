"""A lesson, made readable in a terminal, and its page in the site."""

from __future__ import annotations

import re
import webbrowser
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.errors import UsageError
from grader.study.folder import shown
from grader.study.formulas import in_plain_text

SITE = Path("build", "site")
"""Where `grader site` builds the site if no other folder is named."""
_CODE = re.compile(r"(^ *```.*?^ *```$|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
# Some text of a lesson is different in a notebook.
_FOR_A_FILE = re.compile(r"<!-- file -->(.*?)<!-- notebook: .*? -->", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!\w+:)[^)\s]+\)")
_DISPLAYED = re.compile(r"^( *)\$\$(.+?)\$\$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"\$([^$\n]+)\$")


@dataclass(frozen=True)
class Lesson:
    """A lesson: its file, its text as Markdown for a terminal, and the page that was opened in a browser, if any."""

    path: Path
    text: str
    page: Path | None = None


def open_lesson(course: Course, exercise: str, in_browser: bool = False) -> Lesson:
    """Read the lesson of an exercise, and open its page of the site if that is asked for.

    Raises:
        UsageError: there is no such file, or the site hasn't been built.
    """
    path = course.stubs / f"{exercise}.md"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise UsageError(
            f"There is no lesson {shown(course, path)}. Copy the file from where you got the course."
        ) from None
    page = _open_page(course, exercise) if in_browser else None
    return Lesson(path, for_a_terminal(text, path.parent.name), page)


def for_a_terminal(text: str, folder: str) -> str:
    """Rewrite a lesson so that a terminal shows it as meant: formulas in plain text, pictures in words, no comments.

    Args:
        text: the lesson in Markdown.
        folder: the folder that its pictures are in, as seen from the course's.
    """
    text = _COMMENT.sub("", _FOR_A_FILE.sub(r"\1", text))
    parts = _CODE.split(text)
    return "".join(part if number % 2 else _prose(part, folder) for number, part in enumerate(parts))


def _prose(text: str, folder: str) -> str:
    text = _PICTURE.sub(rf"> Figure, {folder}/\2: \1", text)
    text = _LINK.sub(r"\1", text)
    text = _DISPLAYED.sub(lambda match: _block(match[1], match[2]), text)
    return _INLINE.sub(lambda match: f"`{in_plain_text(match[1])}`", text)


def _block(indent: str, formula: str) -> str:
    lines = ["```text", *in_plain_text(formula).split("\n"), "```"]
    return "\n".join(f"{indent}{line}" for line in lines)


def _open_page(course: Course, exercise: str) -> Path:
    page = course.root / SITE / course.stubs.name / f"{exercise}.html"
    if not page.is_file():
        raise UsageError(f"There is no {shown(course, page)} yet. Build the site: grader site")
    webbrowser.open(page.as_uri())
    return page
