"""How many seconds of `make test` are about each exercise, and about everything else.

    make test && python -m benchmarks.suite [.venv/tests.xml]

A test is about an exercise if that is one of its parameters, or if its function or its file is named after it. The
seconds are those of one core. Of what `make test` tries in turn (tests/kit/turns.py), a run has only a third, so an
exercise whose turn it isn't takes less.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from grader.course import find_course, load_course

REST = "not about one exercise"


def seconds_by_exercise(file: Path, exercises: Iterable[str]) -> dict[str, float]:
    """Add up the seconds of the tests that a report in JUnit's format lists, by exercise."""
    longest_first = sorted(exercises, key=len, reverse=True)
    seconds: dict[str, float] = defaultdict(float)
    for case in ElementTree.parse(file).getroot().iter("testcase"):
        name = f"{case.get('file', '')} {case.get('name', '')}"
        about = next((each for each in longest_first if re.search(rf"(?<![a-z]){each}(?![a-z])", name)), REST)
        seconds[about] += float(case.get("time", 0))
    return dict(seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the seconds as a Markdown table, in the order of the course."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=Path(".venv/tests.xml"), help="what `make test` wrote")
    options = parser.parse_args(arguments)
    ids = [exercise.id for exercise in load_course(find_course(Path(__file__))).exercises]
    seconds = seconds_by_exercise(options.file, ids)
    print("| | seconds |", "| --- | --- |", sep="\n")
    for name in (*ids, REST):
        print(f"| {name} | {seconds.get(name, 0.0):.1f} |")
    print(f"| all | {sum(seconds.values()):.1f} |")


if __name__ == "__main__":
    main()
