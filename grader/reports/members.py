"""Members of a group for whom the marks have an entry of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.grading.final_score import as_member
from grader.grading.results import Results, SubmissionResult
from grader.reports.roster import Person, Roster
from grader.tables import composed
from grader.text import did_you_mean, listed

MAX_NAMED = 8
NOT_IN_A_NAME = re.compile(r"[^\w.@+ -]+")


def view_of(submission: SubmissionResult, person: Person) -> SubmissionResult:
    """Return a submission's result as it is for one person."""
    name = next((name for name in submission.members if _is_called(person, name)), None)
    return submission if name is None else as_member(submission, name)


def views(submission: SubmissionResult, roster: Roster) -> Iterator[tuple[Person, SubmissionResult]]:
    """Yield each person who handed in a submission, with the result as it is for them."""
    for person in roster.people_of(submission.id):
        yield person, view_of(submission, person)


def own_reports(submission: SubmissionResult, roster: Roster) -> dict[str, SubmissionResult]:
    """Return the results of members with marks of their own, by the name of the report."""
    return {
        report_of(submission.id, name): as_member(submission, name)
        for name in submission.members
        if any(_is_called(person, name) for person in roster.people_of(submission.id))
    }


def report_name(submission: SubmissionResult, person: Person) -> str:
    """Return the name of a person's report, without its end."""
    name = next((name for name in submission.members if _is_called(person, name)), None)
    return submission.id if name is None else report_of(submission.id, name)


def report_of(submission: str, member: str) -> str:
    """Return the name of the report of one member of a group."""
    return f"{submission}, {NOT_IN_A_NAME.sub('-', member)}"


def unknown_members(results: Results, roster: Roster) -> list[str]:
    """Say for which members there are marks although the roster doesn't list them."""
    unknown = [
        f"{name}{did_you_mean(name, _names(roster, submission.id))} in {submission.id}"
        for submission in results.submissions
        for name in submission.members
        if not any(_is_called(person, name) for person in roster.people_of(submission.id))
    ]
    if not unknown:
        return []
    return [
        f"Marks of members that don't count, because the roster doesn't list them: {listed(unknown, MAX_NAMED)}. Name "
        "them by their email, login, number or name, as the roster has it."
    ]


def _names(roster: Roster, submission: str) -> list[str]:
    return [name for person in roster.people_of(submission) for name in _called(person) if name]


def _called(person: Person) -> tuple[str, ...]:
    return (person.email, person.username, person.id_number, person.name, person.member)


def _is_called(person: Person, name: str) -> bool:
    wanted = composed(name).casefold()
    return any(composed(known).casefold() == wanted for known in _called(person) if known)
