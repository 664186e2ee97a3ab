"""How many mistakes the grader names: those in the catalog, and those written by people who hadn't read it.

    python -m benchmarks.diagnosis [exercise ...] [--release] [--out FILE]

The mistakes in `tests/kit/outside` are one module each. They were written from the exercise's contract only, before
anyone compared the catalog with them (the third set has the exercises that came last); those of `adaline` and
`bigram_baseline` were written by the authors of their catalogs, afterward. `expected.yaml` lists the names that fit
each mistake, or none if the catalog doesn't have it. The fourth to sixth set are in as many styles as their authors
could think of; a `manifest.json` says what is wrong in each module, and a folder `right` has correct ones.
A mistake without a name may still be located by a fact: one that was measured (`grader.checks.facts`), or a line, a
parameter or another name that the message points to. The table counts these by themselves.
With `--release`, a student's own `pytest` does the naming, with visible checks and recorded cases but no catalog.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import yaml

from grader.authoring.matrix import alone
from grader.course import Course, Exercise, find_course, load_course
from grader.course.mistakes import misconceptions, with_misconception
from grader.failures.rows import MEASURED
from grader.grading.results import CheckResult, SubmissionResult
from grader.grading.run import grade

OUTSIDE = Path(__file__).resolve().parents[1] / "tests" / "kit" / "outside"
SOURCES = ("catalog", "first", "second", "third", "fourth", "fifth", "sixth")
TITLES = {
    "catalog": "in the catalog",
    "first": "independent, first set",
    "second": "independent, second set",
    "third": "independent, third set",
    "fourth": "independent, fourth set",
    "fifth": "independent, fifth set",
    "sixth": "independent, sixth set",
}

LOCATED = "located"
"""Stands in for a name if the message says where the mistake is without one: a slip, other names, nothing built."""
LOCATING = ("slip", "names", "not_built")

Word = Literal["right name", "wrong name", "fact", "no name", "not caught"]


@dataclasses.dataclass(frozen=True)
class Mistake:
    """A module with a mistake: where it comes from, its name, its text, and the names that fit it."""

    source: str
    exercise: str
    name: str
    text: str
    fitting: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What the grader called a mistake: each name, with the number of failed checks that gave it."""

    mistake: Mistake
    named: Counter[str]

    @property
    def word(self) -> Word:
        names = {name for names in self.named for name in names.split(" + ") if name}
        if not self.named:
            return "not caught"
        known = {name for name in names if not name.startswith(MEASURED) and name != LOCATED}
        if not known:
            return "fact" if names else "no name"
        return "right name" if known <= set(self.mistake.fitting) else "wrong name"


def mistakes_of(course: Course, exercise: Exercise) -> Iterator[Mistake]:
    """Yield the modules with a mistake in an exercise."""
    for known in misconceptions(course, exercise.id):
        for variant in known.variants:
            text = with_misconception(course, exercise.id, variant)
            yield Mistake("catalog", exercise.id, variant.key, text, (known.name,))
    fitting = yaml.safe_load((OUTSIDE / "expected.yaml").read_text(encoding="utf-8"))
    for source in SOURCES[1:]:
        for path in sorted((OUTSIDE / source / exercise.id).glob("*.py")):
            names = tuple(fitting[source][exercise.id].get(path.stem, ()))
            yield Mistake(source, exercise.id, path.stem, path.read_text(encoding="utf-8"), names)


def verdicts_on(course: Course, exercise: Exercise, mistakes: list[Mistake]) -> list[Verdict]:
    """Grade modules with a mistake, and collect the names that the grader gave them."""
    submissions = [alone(course, exercise.id, f"{m.source}: {m.name}", m.text) for m in mistakes]
    results = grade(course, submissions, trusted=True)
    return [Verdict(m, _named(result, exercise)) for m, result in zip(mistakes, results, strict=True)]


def release(course: Course, folder: Path) -> Course:
    """Copy what a student gets into a folder, without solutions, catalog or hidden checks."""
    for name in ("course.yaml", "exercises", "tests/visible", "solutions/standins"):
        source, target = course.root / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return load_course(folder / "course.yaml")


def table(verdicts: list[Verdict]) -> list[str]:
    """Write the verdicts as a Markdown table of counts."""
    heads = [
        "mistakes",
        "exercise",
        "all",
        "right name",
        "wrong name",
        "fact",
        "no name",
        "of these, not in the catalog",
        "not caught",
    ]
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join(['---'] * len(heads))} |"]
    for source in SOURCES:
        from_source = [verdict for verdict in verdicts if verdict.mistake.source == source]
        exercises = list(dict.fromkeys(verdict.mistake.exercise for verdict in from_source))
        for exercise in exercises:
            of_exercise = [verdict for verdict in from_source if verdict.mistake.exercise == exercise]
            lines.append(f"| {TITLES[source]} | `{exercise}` | {_counts(of_exercise)} |")
        if len(exercises) > 1:
            lines.append(f"| **{TITLES[source]}** | **all** | {_counts(from_source)} |")
    return lines


def _counts(verdicts: list[Verdict]) -> str:
    words = Counter(verdict.word for verdict in verdicts)
    unknown = sum(verdict.word == "no name" and not verdict.mistake.fitting for verdict in verdicts)
    counted: list[Word] = ["right name", "wrong name", "fact", "no name"]
    return " | ".join(map(str, [len(verdicts), *(words[word] for word in counted), unknown, words["not caught"]]))


def _named(result: SubmissionResult, exercise: Exercise) -> Counter[str]:
    checks = result.exercises[exercise.id].checks
    return Counter(_name(check) for check in checks if check.status not in ("passed", "skipped"))


def _name(check: CheckResult) -> str:
    names = " + ".join(mistake.name for mistake in check.mistakes)
    return names or (LOCATED if any(row.kind in LOCATING for row in check.rows) else "")


def rejected(course: Course, exercise: Exercise, source: str) -> tuple[int, list[str]]:
    """Grade the correct modules of a set; return how many there are, and in which of them a check failed."""
    paths = sorted((OUTSIDE / source / exercise.id / "right").glob("*.py"))
    submissions = [alone(course, exercise.id, path.stem, path.read_text(encoding="utf-8")) for path in paths]
    results = grade(course, submissions, trusted=True)
    return len(paths), [path.stem for path, result in zip(paths, results, strict=True) if _named(result, exercise)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("exercises", nargs="*")
    parser.add_argument("--release", action="store_true", help="let a student's own pytest do the naming")
    parser.add_argument("--source", choices=SOURCES, action="append", help="try only these mistakes")
    parser.add_argument("--out", type=Path, help="also write the table to a file")
    options = parser.parse_args()
    course = load_course(find_course(OUTSIDE))
    with tempfile.TemporaryDirectory() as folder:
        graded = release(course, Path(folder)) if options.release else course
        verdicts: list[Verdict] = []
        right: Counter[str] = Counter()
        for exercise in course.exercises:
            if options.exercises and exercise.id not in options.exercises:
                continue
            wanted = [m for m in mistakes_of(course, exercise) if m.source in (options.source or SOURCES)]
            new_verdicts = verdicts_on(graded, graded.by_id[exercise.id], wanted)
            for verdict in new_verdicts:
                if verdict.word != "right name":
                    names = ", ".join(f"{name or 'no name'} ({count})" for name, count in verdict.named.items())
                    mistake = verdict.mistake
                    print(f"{mistake.exercise}, {mistake.source}, {mistake.name}: {verdict.word}: {names}", flush=True)
            verdicts += new_verdicts
            for source in options.source or SOURCES[1:]:
                count, failed = rejected(graded, graded.by_id[exercise.id], source)
                right[source] += count
                for name in failed:
                    print(f"{exercise.id}, {source}, {name}: correct, but a check fails", flush=True)
                    right[f"rejected in {source}"] += 1
    text = "\n".join(table(verdicts)) + "\n"
    print(text)
    for source in SOURCES:
        if right[source]:
            print(
                f"{TITLES[source]}: {right[source]} correct modules, {right[f'rejected in {source}']} of them rejected"
            )
    if options.out:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
