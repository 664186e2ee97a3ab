"""What a mistake costs: the share of its exercise that each mistake in the catalog loses.

    python -m benchmarks.costs [--record [EXERCISE ...]]

Without `--record`, it prints the tables of docs/costs.md, and the one of docs/diagnosis.md about names in the catalog,
from `benchmarks/costs.json`, which says for each mistake
which checks fail, and which of these a known mistake explains. With it, it grades the catalog (of all exercises,
or of some), and writes that file.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader.authoring.matrix import alone
from grader.course import Course, Exercise, find_course, load_course
from grader.course.mistakes import misconceptions, with_misconception
from grader.grading.results import ExerciseResult
from grader.grading.run import grade
from grader.grading.verdict import is_explained

RECORD = Path(__file__).resolve().parent / "costs.json"
BOUNDS = (0.05, 0.1, 0.2, 0.4, 1.0)
"""Upper bounds of the columns of the table of costs, as shares of an exercise."""


class Recorded(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What happens to one mistake.

    Attributes:
        failed: the ids of the checks that fail.
        unexplained: those of them that no known mistake explains.
        names: the known mistakes that explain the others; usually just this mistake.
    """

    failed: list[str]
    unexplained: list[str] = []
    names: list[str] = []


Record = dict[str, dict[str, Recorded]]
"""What is recorded, by exercise and mistake."""


def read() -> Record:
    """Read the record."""
    return msgspec.json.decode(RECORD.read_bytes(), type=Record)


def write(record: Record) -> None:
    """Write the record, with a line for each mistake."""
    parts = []
    for exercise, mistakes in record.items():
        lines = [f'  "{name}": {msgspec.json.encode(recorded).decode()}' for name, recorded in mistakes.items()]
        parts.append(f' "{exercise}": {{\n' + ",\n".join(lines) + "\n }")
    RECORD.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8", newline="\n")


def record(course: Course, exercises: Sequence[Exercise], known: Record) -> Record:
    """Grade the mistakes of some exercises; the others stay as they are known."""
    recorded = dict(known)
    for exercise in exercises:
        mistakes = misconceptions(course, exercise.id)
        texts = {mistake.name: with_misconception(course, exercise.id, mistake) for mistake in mistakes}
        submissions = [alone(course, exercise.id, name, text) for name, text in texts.items()]
        results = grade(course, submissions, trusted=True)
        recorded[exercise.id] = {result.id: _recorded(result.exercises[exercise.id]) for result in results}
    return {exercise.id: recorded[exercise.id] for exercise in course.exercises if exercise.id in recorded}


def _recorded(result: ExerciseResult) -> Recorded:
    failed = [check for check in result.checks if check.status != "passed"]
    names = {mistake.name for check in failed if is_explained(check) for mistake in check.mistakes}
    unexplained = [check.id for check in failed if not is_explained(check)]
    return Recorded([check.id for check in failed], unexplained, sorted(names))


def costs(course: Course, record: Record, exercise: Exercise) -> dict[str, float]:
    """Return the share of an exercise that each of its mistakes costs."""
    points = {check.id: check.points for check in exercise.checks}
    shares = {}
    for name, mistake in record[exercise.id].items():
        unexplained = sum(points[check] for check in mistake.unexplained) / exercise.max_score
        explained = sum(points[check] for check in mistake.failed) / exercise.max_score - unexplained
        most = sum(exercise.mistake_caps.get(named, course.mistake_cap) for named in mistake.names)
        shares[name] = unexplained + min(explained, most)
    return shares


def costs_by_check(record: Record, exercise: Exercise) -> dict[str, float]:
    """Return what each mistake would cost if all checks had the same points."""
    return {name: len(mistake.failed) / len(exercise.checks) for name, mistake in record[exercise.id].items()}


def tables(course: Course, record: Record) -> str:
    """Write the costs as two Markdown tables: with equal points for every check, and with our rules."""
    exercises = [exercise for exercise in course.exercises if exercise.id in record]
    before = {exercise.id: costs_by_check(record, exercise) for exercise in exercises}
    after = {exercise.id: costs(course, record, exercise) for exercise in exercises}
    return (
        "Before: every check has the same points, and nothing limits the cost of a known mistake:\n\n"
        f"{_table(before)}\n"
        f"Now: claims share their points, and the failures that a known mistake explains cost at most "
        f"{course.mistake_cap:.0%}, or its limit in `mistake_caps`:\n\n{_table(after)}"
    )


def names_table(record: Record) -> str:
    """Write as a Markdown table how many mistakes of the catalog get their own name, another one, or none."""
    rows = [(f"`{exercise}`", _names(mistakes)) for exercise, mistakes in record.items()]
    rows.append(("**all**", [sum(counts) for counts in zip(*(counts for _, counts in rows), strict=True)]))
    lines = ["| exercise | mistakes | right name | wrong name | no name |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {exercise} | {' | '.join(map(str, counts))} |" for exercise, counts in rows]
    return "\n".join(lines) + "\n"


def _names(mistakes: Mapping[str, Recorded]) -> list[int]:
    wrong = sum(any(name != mistake for name in recorded.names) for mistake, recorded in mistakes.items())
    unnamed = sum(not recorded.names for recorded in mistakes.values())
    return [len(mistakes), len(mistakes) - wrong - unnamed, wrong, unnamed]


def _table(costs_of: Mapping[str, Mapping[str, float]]) -> str:
    bounds = [f"up to {bound:.0%}" for bound in BOUNDS[:-1]] + [f"over {BOUNDS[-2]:.0%}"]
    lines = [["exercise", "mistakes", *bounds, "median", "highest"], ["---"] * (len(bounds) + 4)]
    lines += [[f"`{name}`", *_counts(list(shares.values()))] for name, shares in costs_of.items()]
    lines.append(["**all**", *_counts([share for shares in costs_of.values() for share in shares.values()])])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _counts(shares: Sequence[float]) -> list[str]:
    lower = (-1.0, *BOUNDS)
    # Points are rounded to hundredths, so a share that is meant to be a tenth may be a little more.
    counts = [sum(low < round(share, 3) <= high for share in shares) for low, high in zip(lower, BOUNDS, strict=False)]
    return [str(len(shares)), *map(str, counts), f"{statistics.median(shares):.1%}", f"{max(shares):.1%}"]


def main() -> None:
    """Print the tables, after recording if that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--record", nargs="*", metavar="EXERCISE")
    wanted = parser.parse_args().record
    course = load_course(find_course(Path.cwd()))
    known = read() if RECORD.is_file() else {}
    if wanted is not None:
        exercises = [exercise for exercise in course.exercises if not wanted or exercise.id in wanted]
        known = record(course, exercises, known)
        write(known)
    print(tables(course, known))
    print(f"How the catalog's mistakes are named:\n\n{names_table(known)}")


if __name__ == "__main__":
    main()
