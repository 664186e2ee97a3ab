"""What a class predicted before and after an exercise, counted from the files that students hand in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import yaml
from rich.table import Table
from rich.text import Text

from grader.course import Course
from grader.errors import UsageError
from grader.practice.question import load_questions
from grader.study.folder import FOLDER, STATE_FILE
from grader.study.state import State


@dataclass
class Answers:
    """How often each question was answered with which mistake (empty: rightly), by exercise, stage and question."""

    students: int = 0
    counts: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)


def count_answers(course: Course, folder: Path, tell: Callable[[str], None]) -> Answers:
    """Count the answers in the students' folders; a file that can't be read is named and left out.

    Raises:
        UsageError: the folder doesn't exist, or nobody handed in answers.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}. It should have a folder for each student.")
    answers = Answers()
    for path in sorted(folder.glob(f"*/**/{FOLDER}/{STATE_FILE}")):
        try:
            state = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")) or {}, State)
        except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
            tell(f"{path} can't be read and was left out: {str(error).splitlines()[0]}")
            continue
        given = [
            (exercise, name, prediction)
            for exercise, record in state.exercises.items()
            for name, prediction in record.predictions.items()
        ]
        answers.students += bool(given)
        for exercise, name, prediction in given:
            answers.counts.setdefault((exercise, prediction.stage, name), Counter())[prediction.mistake] += 1
    if not answers.students:
        raise UsageError(
            f"Nobody's answers are in {folder}. A student hands them in with the file {FOLDER}/{STATE_FILE}, which "
            "`grader predict` writes."
        )
    return answers


def table(course: Course, answers: Answers, exercise: str | None = None) -> Table:
    """Make a table: for each exercise and stage, the share of right first answers and the most common mistakes."""
    grid = Table(title=Text(f"First answers of {answers.students} students"), title_justify="left", box=None)
    for column in ("exercise", "when", "answers", "right", "most common wrong answers"):
        grid.add_column(column, justify="right" if column in ("answers", "right") else "left", overflow="fold")
    for each in course.exercises:
        if exercise not in (None, each.id):
            continue
        did = {
            option.mistake: option.did
            for question in load_questions(course, each.id).questions
            for option in question.options
        }
        for stage in ("before", "after"):
            total: Counter[str] = Counter()
            for (of_exercise, of_stage, _), counts in answers.counts.items():
                if (of_exercise, of_stage) == (each.id, stage):
                    total.update(counts)
            if total:
                wrong = [(name, count) for name, count in total.most_common() if name][:3]
                mistakes = "\n".join(f"{count} times: {did.get(name, name)}" for name, count in wrong)
                share = f"{100 * total[''] / total.total():.0f} %"
                grid.add_row(each.id, stage, str(total.total()), share, Text(mistakes))
    return grid
