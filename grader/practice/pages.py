"""Questions in the lesson's page and notebook: HTML that needs no server, in which each option opens its answer."""

from __future__ import annotations

import html
import re

from grader.practice.question import LETTERS, Question, QuestionBook, explanation

HEADING = "## Before you write: what comes back?"
WRITING = re.compile(r"^## The code to write$", re.MULTILINE)
INTRODUCTION = (
    "Decide first, and then open the option that you believe in. Each wrong one is what a mistake answers that people "
    "really make."
)


def with_questions(lesson: str, book: QuestionBook) -> str:
    """Add an exercise's questions to its lesson, before the part about the code to write."""
    match = WRITING.search(lesson)
    if match is None or not book.before:
        return lesson
    blocks = "\n\n".join(question_html(question) for question in book.before)
    section = f"{HEADING}\n\n{INTRODUCTION}\n\n{blocks}\n\n"
    return lesson[: match.start()] + section + lesson[match.start() :]


def question_html(question: Question) -> str:
    """Write a question as HTML without blank lines, so that Markdown takes it for one block."""
    code = html.escape("\n".join(question.code))
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in question.notes)
    options = "\n".join(
        f"<details><summary>{letter}) <code>{html.escape(option.text)}</code></summary>"
        f"<p>{html.escape('Right.' if option.is_right else explanation(option))}</p></details>"
        for letter, option in zip(LETTERS, question.options, strict=False)
    )
    return (
        f'<div class="question">\n<pre><code class="language-python">{code}</code></pre>\n{notes}'
        f"<p>{html.escape(question.asks)}</p>\n{options}\n</div>"
    )
