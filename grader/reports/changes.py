"""Grading again: whose score is another than in the results of an earlier run, by how much, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.grading.results import SCHEMA, Results, SubmissionResult
from grader.reports.score_in_words import in_points
from grader.text import listed

NAMED_CHECKS = 3
NAMED_SUBMISSIONS = 5
"""How many changed checks of a submission, and how many submissions, are named before the others are counted."""
SMALL = 1e-6
"""Points that are no change."""


class _EarlierCheck(msgspec.Struct, frozen=True):
    id: str
    status: str
    points: float
    score: float


class _EarlierExercise(msgspec.Struct, frozen=True):
    score: float
    max_score: float
    checks: list[_EarlierCheck]


class _EarlierSubmission(msgspec.Struct, frozen=True):
    id: str
    digest: str
    score: float
    max_score: float
    final_score: float
    exercises: dict[str, _EarlierExercise]


class _EarlierCourse(msgspec.Struct, frozen=True):
    id: str


class _Version(msgspec.Struct, frozen=True):
    schema: int


class Earlier(msgspec.Struct, frozen=True):
    """The results of an earlier run, as far as they are compared."""

    course: _EarlierCourse
    submissions: list[_EarlierSubmission]


def read_earlier(path: Path) -> Earlier | str | None:
    """Read the results of an earlier run: None if there are none, a sentence if they can't be compared."""
    try:
        data = path.read_bytes()
        schema = msgspec.json.decode(data, type=_Version).schema
        if schema != SCHEMA:
            return (
                f"{path} comes from another version of the grader (schema {schema}, now {SCHEMA}) and is replaced; "
                "to see what changes from now on, grade again."
            )
        return msgspec.json.decode(data, type=Earlier)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"The results of an earlier run in {path} cannot be read ({error}); nothing is compared with them."


def changes(earlier: Earlier | str | None, results: Results) -> list[str]:
    """Say whose score changed since an earlier run and why, as lines; nothing where there was none."""
    if earlier is None:
        return []
    if isinstance(earlier, str):
        return [earlier]
    if earlier.course.id != results.course.id:
        return [f"The earlier results are of another course, {earlier.course.id}; nothing is compared with them."]
    before = {one.id: one for one in earlier.submissions}
    now = {one.id: one for one in results.submissions}
    both = [one for one in results.submissions if one.id in before]
    told = [lines for one in both if (lines := _changed(before[one.id], one))]
    head = f"Since the earlier run {len(told) or 'none'} of {len(both)} scores changed{':' if told else '.'}"
    rest = _others("new", [name for name in now if name not in before])
    rest += _others("not graded this time", [name for name in before if name not in now])
    return [*([head] if both else []), *(line for lines in told for line in lines), *rest]


def _others(what: str, names: Sequence[str]) -> list[str]:
    return [f"Since the earlier run {what}: {listed(names, NAMED_SUBMISSIONS)}."] if names else []


def _changed(old: _EarlierSubmission, new: SubmissionResult) -> list[str]:
    """Say how a submission's score changed, as lines; nothing where it did not."""
    automatic = _differ((old.score, old.max_score), (new.score, new.max_score))
    if not automatic and not _differ((old.final_score,), (new.final_score,)):
        return []
    lines = []
    if automatic:
        was = in_points(old.score) if old.max_score == new.max_score else _of(old.score, old.max_score)
        lines.append(
            f"  {new.id}: {was} -> {_of(new.score, new.max_score)} ({_by(old.score, new.score)}). {_why(old, new)}"
        )
        found = list(_differences(old, new))
        lines += [f"    {text}" for text in found[:NAMED_CHECKS]]
        lines += [f"    and {len(found) - NAMED_CHECKS} more"] if len(found) > NAMED_CHECKS else []
    if _differ((old.final_score - old.score,), (new.final_score - new.score,)):
        told = f"{in_points(old.final_score)} -> {_of(new.final_score, new.max_score)}"
        told = f"final score {told} ({_by(old.final_score, new.final_score)})"
        lines.append(f"  {new.id}: {told}. What was marked by hand, or what lateness costs, changed.")
    return lines


def _why(old: _EarlierSubmission, new: SubmissionResult) -> str:
    if new.fault:
        return "The grader failed on a part of it; grade it again."
    return "The submission changed." if old.digest != new.digest else "The checks or the grader changed."


def _differences(old: _EarlierSubmission, new: SubmissionResult) -> Iterator[str]:
    """Say of each exercise which checks count otherwise than before."""
    for name in dict.fromkeys([*new.exercises, *old.exercises]):
        if name not in old.exercises or name not in new.exercises:
            yield f"{name} is {'new' if name in new.exercises else 'no longer in the course'}"
            continue
        was, now = old.exercises[name], new.exercises[name]
        before = {check.id: check for check in was.checks}
        after = {check.id: check for check in now.checks}
        found = []
        for check in dict.fromkeys([*after, *before]):
            one, other = before.get(check), after.get(check)
            if one is None or other is None:
                found.append(f"{check} is {'gone' if other is None else f'new: {other.status}'}")
            elif one.status != other.status:
                found.append(f"{check} {one.status} -> {other.status}")
            elif _differ((one.points,), (other.points,)):
                found.append(f"{check} is worth {in_points(other.points)} in the place of {in_points(one.points)}")
        yield from (f"{name}: {text}" for text in found)
        if not found and _differ((was.score,), (now.score,)):
            yield f"{name}: {in_points(was.score)} -> {in_points(now.score)}, with the same checks passed"


def _differ(old: Sequence[float], new: Sequence[float]) -> bool:
    return any(abs(one - other) > SMALL for one, other in zip(old, new, strict=True))


def _of(score: float, most: float) -> str:
    return f"{in_points(score)} of {in_points(most)}"


def _by(old: float, new: float) -> str:
    return f"{'-' if new < old else '+'}{in_points(abs(new - old))}"
