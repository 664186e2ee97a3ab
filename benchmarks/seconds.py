"""How long grading one submission takes in each exercise, for each check, and as a multiple of the first exercises.

    python -m benchmarks.seconds [exercise ...] [--times 3]

Each exercise's solution and its correct answers in other styles are graded one after another, in one process without a
sandbox, and the median of several runs counts. All checks pass on them, so nothing is shrunk or diagnosed. The table
also gives each exercise as a ratio to the mean of the core exercises, measured in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from grader.authoring.matrix import TRUSTED, alone
from grader.course import Course, Exercise, find_course, load_course
from grader.course.mistakes import right_answers
from grader.grading import GraderPool

CORE = "core"
"""The track whose exercises the others are compared with."""


def seconds(course: Course, pool: GraderPool, exercise: Exercise, times: int) -> float:
    """Return the median seconds for grading one correct answer to an exercise."""
    paths = [path for path in right_answers(course, exercise.id) if path.parent != course.standins]
    given = [alone(course, exercise.id, str(path), path.read_text(encoding="utf-8")) for path in paths]
    list(pool.grade(given[:1]))
    taken = []
    for _ in range(times):
        for submission in given:
            start = time.perf_counter()
            list(pool.grade([submission]))
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def table(exercises: Sequence[Exercise], taken: dict[str, float], core: Sequence[str]) -> list[str]:
    """Write the seconds as a Markdown table."""
    usual = statistics.mean(taken[name] for name in core if name in taken) if set(core) & set(taken) else 0.0
    lines = ["| exercise | checks | seconds | ms per check | of the core's mean |", "| --- | --- | --- | --- | --- |"]
    for exercise in exercises:
        count, length = len(exercise.checks), taken[exercise.id]
        ratio = f"{length / usual:.1f}" if usual else ""
        lines.append(f"| `{exercise.id}` | {count} | {length:.2f} | {1000 * length / count:.0f} | {ratio} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("exercises", nargs="*")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    course = load_course(find_course(Path(__file__)))
    chosen = [exercise for exercise in course.exercises if exercise.id in (options.exercises or course.by_id)]
    with GraderPool(course, 1, TRUSTED) as pool:
        taken = {}
        for exercise in chosen:
            taken[exercise.id] = seconds(course, pool, exercise, options.times)
            print(f"{exercise.id}: {taken[exercise.id]:.2f} s", file=sys.stderr, flush=True)
    core = next(track.exercises for track in course.tracks if track.id == CORE)
    print("\n".join(table(chosen, taken, core)))


if __name__ == "__main__":
    main()
