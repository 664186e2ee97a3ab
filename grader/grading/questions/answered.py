"""Puts the instructor's answers next to the questions that came with submissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from grader.course import Course
from grader.grading.class_files import Register
from grader.grading.marks import ByHand
from grader.grading.notices import Notice, in_order
from grader.grading.questions.file import Asked
from grader.grading.results import Question, Results
from grader.grading.unknown import MAX_NAMED
from grader.text import listed, printable


def with_questions(
    course: Course, results: Results, asked: Mapping[str, Sequence[Asked]], register: Register
) -> tuple[Results, list[str]]:
    """Return results with questions and answers, and sentences for the instructor.

    Questions about an exercise that isn't graded now are left out, and those about an unknown one are named.

    Args:
        course: the course, or a part of it.
        results: the results.
        asked: the questions, by submission.
        register: the instructor's files, with the answers.
    """
    notices = list(results.notices)
    submissions = []
    unused: list[str] = []
    for submission in results.submissions:
        by_hand = register.by_hand.get(submission.id, ByHand())
        questions: list[Question] = []
        for question in asked.get(submission.id, ()):
            if question.exercise in course.by_id:
                answer = _answer(question, by_hand.answers, register.answers)
                questions.append(_question(question, answer))
                if not answer:
                    notices.append(Notice(_open(course, question), submission.id, "question"))
            elif question.exercise not in course.whole.by_id:
                text = printable(question.question)
                about = f"A question is about `{question.exercise}`, which isn't an exercise: {text}"
                notices.append(Notice(about, submission.id))
        every = asked.get(submission.id, ())
        known = {question.id for question in every} | {question.about for question in every}
        unused += [f"{submission.id} ({name})" for name in by_hand.answers if name not in known]
        submissions.append(msgspec.structs.replace(submission, questions=questions))
    remarks = []
    if unused:
        remarks.append(
            f"Answers to questions that aren't in the submission (any more): {listed(unused, MAX_NAMED)}. Nobody reads "
            "them; a question that was asked in other words has another id."
        )
    return msgspec.structs.replace(results, submissions=submissions, notices=in_order(notices)), remarks


def _answer(question: Asked, own: Mapping[str, str], to_all: Mapping[str, str]) -> str:
    """Return the answer to a question: to it, to this student about the check, or to all; empty if there is none."""
    return own.get(question.id) or own.get(question.about) or to_all.get(question.about, "")


def _question(asked: Asked, answer: str) -> Question:
    return Question(asked.id, asked.exercise, asked.check, asked.question, asked.case, asked.failure, answer)


def _open(course: Course, question: Asked) -> str:
    known = {check.id for check in course.by_id[question.exercise].checks}
    about = question.about if question.check in known else question.exercise
    return f"A question about `{about}` has no answer yet. Read it in questions.csv, and answer it in your marks."
