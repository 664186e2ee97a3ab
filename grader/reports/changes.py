"""What changed since an earlier run: whose score, by how much, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader.files import reason
from grader.grading.results import SCHEMA, CourseInfo, GradedVersion, Results, SubmissionResult
from grader.reports.score_in_words import in_points
from grader.text import listed

NAMED_CHECKS = 3
NAMED_SUBMISSIONS = 5
"""How many changed checks of a submission, and how many submissions, are listed; the others are only counted."""
TOLERANCE = 1e-6
"""A smaller difference in points is no change."""


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
    grader: str = ""
    version: GradedVersion | None = None


class _Version(msgspec.Struct, frozen=True):
    schema: int


class Earlier(msgspec.Struct, frozen=True):
    """The part of an earlier run's results that is compared."""

    course: _EarlierCourse
    submissions: list[_EarlierSubmission]


NOTHING_CHANGED = "Since the last run, none"
"""How the line begins that says that no score changed."""


def read_earlier(path: Path) -> Earlier | str | None:
    """Read an earlier run's results: None if there are none, or a sentence about why they can't be compared."""
    try:
        data = path.read_bytes()
        schema = msgspec.json.decode(data, type=_Version).schema
        if schema != SCHEMA:
            return (
                f"{path} was written by another version of the grader (schema {schema}, now {SCHEMA}), so its scores "
                "can't be compared. This run replaces it; from the next run on you'll see what changed."
            )
        return msgspec.json.decode(data, type=Earlier)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"The results of an earlier run in {path} cannot be read ({reason(error)}), so no scores are compared."


def changes(earlier: Earlier | str | None, results: Results) -> list[str]:
    """Say, as lines, whose score changed since an earlier run and why; empty if there was no earlier run."""
    if earlier is None:
        return []
    if isinstance(earlier, str):
        return [earlier]
    if earlier.course.id != results.course.id:
        return [f"The earlier results are from another course, {earlier.course.id}, so no scores are compared."]
    before = {submission.id: submission for submission in earlier.submissions}
    now = {submission.id: submission for submission in results.submissions}
    both = [submission for submission in results.submissions if submission.id in before]
    changed = [lines for submission in both if (lines := _changed(before[submission.id], submission))]
    head = f"Since the last run, {len(changed)} of {len(both)} scores changed:"
    head = head if changed else f"{NOTHING_CHANGED} of {len(both)} scores changed."
    about = about_versions(earlier.course, results.course)
    rest = _others("New since the last run", [name for name in now if name not in before])
    rest += _others("In the last run but not in this one", [name for name in before if name not in now])
    scores = [*([head] if both else []), *(line for lines in changed for line in lines)]
    return [*([about] if about else []), *scores, *rest]


def about_versions(earlier: _EarlierCourse, now: CourseInfo) -> str:
    """Say in a line that another version of the grader or of the course gave the earlier results; empty if not."""
    differing = [f"the grader ({earlier.grader}, now {now.grader})"] if earlier.grader not in ("", now.grader) else []
    if earlier.version is not None and now.version is not None:
        parts = {
            "course.yaml": (earlier.version.course_file, now.version.course_file),
            "the visible checks": (earlier.version.visible_checks, now.version.visible_checks),
            "the hidden checks": (earlier.version.hidden_checks, now.version.hidden_checks),
        }
        differing += [name for name, (before, after) in parts.items() if before != after]
    if not differing:
        return ""
    return f"The last run had another version of {', '.join(differing)}. That may be why scores differ."


def _others(label: str, names: Sequence[str]) -> list[str]:
    return [f"{label}: {listed(names, NAMED_SUBMISSIONS)}."] if names else []


def _changed(old: _EarlierSubmission, new: SubmissionResult) -> list[str]:
    """Say, as lines, how a submission's score changed; empty if it didn't."""
    automatic = _differ((old.score, old.max_score), (new.score, new.max_score))
    if not automatic and not _differ((old.final_score,), (new.final_score,)):
        return []
    lines = []
    if automatic:
        was = in_points(old.score) if old.max_score == new.max_score else _of(old.score, old.max_score)
        lines.append(
            f"  {new.id}: {was} -> {_of(new.score, new.max_score)} ({_by(old.score, new.score)}). {_why(old, new)}"
        )
        differences = list(_differences(old, new))
        lines += [f"    {text}" for text in differences[:NAMED_CHECKS]]
        lines += [f"    and {len(differences) - NAMED_CHECKS} more"] if len(differences) > NAMED_CHECKS else []
    if _differ((old.final_score - old.score,), (new.final_score - new.score,)):
        change = f"{in_points(old.final_score)} -> {_of(new.final_score, new.max_score)}"
        change += f" ({_by(old.final_score, new.final_score)})"
        lines.append(f"  {new.id}: final score {change}. The manual scores, the rubric or the late penalty changed.")
    return lines


def _why(old: _EarlierSubmission, new: SubmissionResult) -> str:
    if new.fault:
        return "The grader failed on part of it; grade it again."
    if old.digest != new.digest:
        return "The submission changed."
    return "The points changed." if _statuses(old) == _statuses(new) else "The checks or the grader changed."


def _statuses(submission: _EarlierSubmission | SubmissionResult) -> dict[tuple[str, str], str]:
    return {(name, check.id): check.status for name, result in submission.exercises.items() for check in result.checks}


def _differences(old: _EarlierSubmission, new: SubmissionResult) -> Iterator[str]:
    """Say for each exercise which checks have another result or other points than before."""
    for name in dict.fromkeys([*new.exercises, *old.exercises]):
        if name not in old.exercises or name not in new.exercises:
            yield f"{name} is {'new' if name in new.exercises else 'no longer in the course'}"
            continue
        was, now = old.exercises[name], new.exercises[name]
        before = {check.id: check for check in was.checks}
        after = {check.id: check for check in now.checks}
        differences = []
        for check in dict.fromkeys([*after, *before]):
            old_check, new_check = before.get(check), after.get(check)
            if old_check is None or new_check is None:
                differences.append(f"{check} is {'gone' if new_check is None else f'new: {new_check.status}'}")
            elif old_check.status != new_check.status:
                differences.append(f"{check} {old_check.status} -> {new_check.status}")
            elif _differ((old_check.points,), (new_check.points,)):
                points = f"{in_points(new_check.points)} instead of {in_points(old_check.points)}"
                differences.append(f"{check} is worth {points}")
        yield from (f"{name}: {text}" for text in differences)
        if not differences and _differ((was.score,), (now.score,)):
            yield f"{name}: {in_points(was.score)} -> {in_points(now.score)}, with the same checks passed"


def _differ(old: Sequence[float], new: Sequence[float]) -> bool:
    return any(abs(after - before) > TOLERANCE for before, after in zip(old, new, strict=True))


def _of(score: float, max_score: float) -> str:
    return f"{in_points(score)} of {in_points(max_score)}"


def _by(old: float, new: float) -> str:
    return f"{'-' if new < old else '+'}{in_points(abs(new - old))}"
