"""A sheet with questions for a lecture: to print, or to show; the answers are on the last page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.errors import UsageError
from grader.extras import require
from grader.practice.question import LETTERS, Question, explanation, load_questions
from grader.writing import write_report

MARGIN, FONT, CODE = 18, 10, 9
"""Millimeters, and the sizes of text and code in points."""


@dataclass(frozen=True)
class Section:
    """The questions of an exercise on a sheet."""

    title: str
    questions: Sequence[Question]


def write_sheet(course: Course, exercises: Sequence[str], path: Path) -> str:
    """Write the questions to answer before the exercises, all of them if none is named; return a sentence.

    Raises:
        UsageError: there are no questions, or the file's name doesn't end in .html or .pdf.
        MissingPackage: a package for this kind of file isn't installed.
        NotWritten: the file can't be written.
    """
    wanted = [exercise for exercise in course.exercises if not exercises or exercise.id in exercises]
    sections = [Section(exercise.title, load_questions(course, exercise.id).before) for exercise in wanted]
    sections = [section for section in sections if section.questions]
    if not sections:
        raise UsageError("There are no questions for a sheet.")
    if path.suffix == ".html":
        require("A sheet in HTML needs", "reports", "jinja2", "markdown_it")
        from grader.html import environment

        text = (
            environment(__package__)
            .get_template("sheet.html.j2")
            .render(title=course.title, sections=sections, letters=LETTERS, explanation=explanation)
        )
        write_report(path, text)
    elif path.suffix == ".pdf":
        write_report(path, _pdf(course.title, sections))
    else:
        raise UsageError(f"A sheet is a file .html or .pdf, so its name can't be {path.name}.")
    count = sum(len(section.questions) for section in sections)
    return f"Written: {path}, with {count} questions; their answers are at the end."


def _pdf(title: str, sections: Sequence[Section]) -> bytes:
    require("A sheet in PDF needs", "sheets", "fpdf", "matplotlib")
    import fpdf
    import matplotlib

    pdf = fpdf.FPDF(format="A4")
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    pdf.add_font("text", "", fonts / "DejaVuSans.ttf")
    pdf.add_font("text", "B", fonts / "DejaVuSans-Bold.ttf")
    pdf.add_font("code", "", fonts / "DejaVuSansMono.ttf")
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.set_title(title)
    number = 0
    answers: list[str] = []
    for section in sections:
        pdf.add_page()
        _line(pdf, section.title, style="B", size=FONT + 4)
        for question in section.questions:
            number += 1
            with pdf.unbreakable() as block:
                _question(block, number, question)
            right = LETTERS[question.right]
            wrong = [
                f"{letter}) {explanation(option)}"
                for letter, option in zip(LETTERS, question.options, strict=False)
                if not option.is_right
            ]
            answers.append("\n".join([f"{number}: {right}) is right.", *wrong]))
    pdf.add_page()
    _line(pdf, "Answers", style="B", size=FONT + 4)
    for answer in answers:
        _line(pdf, answer)
        pdf.ln(2)
    return bytes(pdf.output())


def _question(pdf: Any, number: int, question: Question) -> None:
    pdf.ln(4)
    _line(pdf, f"Question {number}", style="B")
    _line(pdf, "\n".join(question.code), family="code", size=CODE)
    for text in (*question.notes, question.asks):
        _line(pdf, text)
    for letter, option in zip(LETTERS, question.options, strict=False):
        _line(pdf, f"   {letter})  {option.text}", family="code", size=CODE)


def _line(pdf: Any, text: str, family: str = "text", style: str = "", size: int = FONT) -> None:
    pdf.set_font(family, style, size)
    pdf.multi_cell(0, size * 0.55, text, align="L", new_x="LMARGIN", new_y="NEXT")
