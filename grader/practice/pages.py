"""Questions in the lesson's page and notebook: HTML that needs no server, in which each option opens its answer."""

from __future__ import annotations

import html
import re

from grader.practice.question import LETTERS, Question, QuestionBook, explanation

HEADING = "## Before you write: what comes back?"
WRITING = re.compile(r"^## The code to write$", re.MULTILINE)
SPACE = "margin: 1.5em 0"
"""In the page itself, because notebooks have no style sheet."""
INTRODUCTION = (
    "Decide first, and then open the option that you believe in. Each wrong one is what a mistake answers that people "
    "really make."
)


def with_questions(lesson: str, book: QuestionBook) -> str:
    """Add an exercise's questions to its lesson, before the part about the code to write."""
    match = WRITING.search(lesson)
    if match is None or not book.before:
        return lesson
    blocks = "\n\n".join(question_html(number, question) for number, question in enumerate(book.before, 1))
    section = f"{HEADING}\n\n{INTRODUCTION}\n\n{blocks}\n\n"
    return lesson[: match.start()] + section + lesson[match.start() :]


def question_html(number: int, question: Question) -> str:
    """Write a question as HTML without blank lines, so that Markdown takes it for one block."""
    code = html.escape("\n".join(question.code))
    notes = "".join(f"<p>{_with_code(note)}</p>" for note in question.notes)
    options = "\n".join(
        f"<details><summary>{letter}) <code>{html.escape(option.text)}</code></summary>"
        f"<p>{_with_code('Right.' if option.is_right else explanation(option))}</p></details>"
        for letter, option in zip(LETTERS, question.options, strict=False)
    )
    return (
        f'<div class="question" style="{SPACE}">\n<p><strong>Question {number}</strong></p>\n'
        f'<pre><code class="language-python">{code}</code></pre>\n{notes}'
        f"<p>{_with_code(question.asks)}</p>\n{options}\n</div>"
    )


def _with_code(text: str) -> str:
    """Mark what is between backticks as code; nothing else in a text is markup."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(text))
