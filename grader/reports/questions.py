"""Students' questions, for the student with the answers, and for the instructor as a table."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from grader.course import Course
from grader.grading.results import Question, Results, SubmissionResult
from grader.reports.roster import Roster
from grader.tables import table_text

QUESTIONS_FILE = "questions.csv"
HEADS = ("submission", "name", "id", "exercise", "check", "status", "question", "case", "failure", "answer")
NOT_ANSWERED = "Not answered yet."


@dataclass(frozen=True)
class AskedAbout:
    """A question with what it is about in words."""

    question: Question
    about: str


def questions_of(course: Course, submission: SubmissionResult) -> list[AskedAbout]:
    """List a submission's questions, with what they are about; no title of a hidden check is in it."""
    return [AskedAbout(question, _about(course, question)) for question in submission.questions]


def questions_as_markdown(course: Course, submission: SubmissionResult) -> list[str]:
    """Write, as lines of Markdown, a student's questions and the answers; empty if there is none."""
    asked = questions_of(course, submission)
    if not asked:
        return []
    lines = ["## Your questions", ""]
    for each in asked:
        lines += [f"**{_escaped(each.about)}**", ""]
        lines += [_escaped(line) for line in each.question.question.splitlines()] + [""]
        answer = each.question.answer.splitlines() or [NOT_ANSWERED]
        lines += [f"> {line}".rstrip() for line in answer] + [""]
    return lines


def questions_table(results: Results, roster: Roster) -> str:
    """Write the table of all questions: those without an answer first."""
    rows = [
        [
            submission.id,
            roster.names(submission.id),
            question.id,
            question.exercise,
            question.check,
            "answered" if question.answer else "open",
            question.question,
            question.case,
            "\n".join(question.failure),
            question.answer,
        ]
        for submission in results.submissions
        for question in submission.questions
    ]
    return table_text([HEADS, *sorted(rows, key=lambda row: row[HEADS.index("status")] == "answered")])


def _about(course: Course, question: Question) -> str:
    exercise = course.by_id[question.exercise]
    titles = {check.id: check.title for check in exercise.checks if check.visibility == "visible"}
    if question.check in titles:
        return f"{exercise.title}: {titles[question.check]}"
    return f"{exercise.title}: {question.check}" if question.check else exercise.title


def _escaped(text: str) -> str:
    """Make a student's text harmless in Markdown, and in HTML that is generated from it."""
    marks = re.sub(r"([\\`*_\[\]|~#!+-])", r"\\\1", text.strip())
    return html.escape(marks, quote=False)
