"""Results as somebody sees them who marks without names: pseudonyms, in an order that says nothing about names."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec

from grader.course import Course
from grader.grading.notices import Notice
from grader.grading.pseudonyms import pseudonyms
from grader.grading.results import Results, SubmissionResult
from grader.reports.likeness import Alike, Group, Likeness
from grader.reports.roster import Roster
from grader.tables import table_text

NAMES_FILE = "names.csv"
SHORTEST_NAME = 3
"""Characters that a name or a login needs at least, to be replaced in sentences."""


WORD = re.compile(r"[^\W_]+")
"""Letters and digits. An underscore separates words here: `ann_layer_norm.py` names ann."""


@dataclass(frozen=True)
class Mask:
    """Replaces submissions' ids, and the names and logins behind them, by pseudonyms.

    Attributes:
        names: the pseudonym of each submission, by its id.
        words: the pseudonym for each id, name and login, in lower case.
    """

    names: Mapping[str, str]
    words: Mapping[str, str]

    @classmethod
    def of(cls, course: Course, ids: Iterable[str], roster: Roster) -> Mask:
        """Return the mask for a class; people on the roster who handed nothing in get pseudonyms as well."""
        known = list(ids)
        absent = {name for name in roster.people if name not in {roster.id_of(submission) for submission in known}}
        names = pseudonyms(course.whole.id, [*known, *sorted(absent)])
        words: dict[str, str] = {}
        for submission, pseudonym in names.items():
            people = roster.people_of(submission)
            told = [
                submission,
                *(text for each in people for text in (each.name, each.email, each.username, each.member)),
            ]
            beginnings = (text[first.start() :].lower() for text in told if (first := WORD.search(text)))
            words |= {text: pseudonym for text in beginnings if len(text) >= SHORTEST_NAME}
        return cls(names, words)

    def text(self, text: str) -> str:
        """Replace whatever says who somebody is in a sentence."""
        parts: list[str] = []
        done = 0
        for match in WORD.finditer(text):
            start = match.start()
            for known in self._by_beginning.get(match[0].lower(), ()) if start >= done else ():
                end = start + len(known)
                if text[start:end].lower() == known and not WORD.match(text, end):
                    parts += [text[done:start], self.words[known]]
                    done = end
                    break
        return "".join([*parts, text[done:]])

    @cached_property
    def _by_beginning(self) -> dict[str, list[str]]:
        """What is replaced, by its first word, the longest first: a class has thousands of names."""
        known: dict[str, list[str]] = {}
        for text in sorted(self.words, key=len, reverse=True):
            first = WORD.match(text)
            if first is not None:
                known.setdefault(first[0], []).append(text)
        return known

    def submission(self, submission: SubmissionResult) -> SubmissionResult:
        """Return a result with its pseudonym, and without names in the sentences about its files and its questions."""
        return msgspec.structs.replace(
            submission,
            id=self.names.get(submission.id, submission.id),
            notes=[self.text(note) for note in submission.notes],
            questions=[
                msgspec.structs.replace(question, question=self.text(question.question))
                for question in submission.questions
            ],
            members={f"Member {number}": own for number, own in enumerate(submission.members.values(), 1)},
        )

    def results(self, results: Results) -> Results:
        """Return results with pseudonyms, in the order of these."""
        notices = [
            Notice(self.text(notice.text), self.names.get(notice.submission, notice.submission), notice.kind)
            for notice in results.notices
        ]
        submissions = [self.submission(submission) for submission in results.submissions]
        return msgspec.structs.replace(
            results, submissions=sorted(submissions, key=lambda submission: submission.id), notices=notices
        )

    def likeness(self, likeness: Likeness) -> Likeness:
        """Return groups of submissions that are alike with pseudonyms."""
        groups = tuple(
            Group(tuple(sorted(self.names[name] for name in group.members)), tuple(map(self._pair, group.pairs)))
            for group in likeness.groups
        )
        return dataclasses.replace(likeness, groups=groups, remarks=tuple(map(self.text, likeness.remarks)))

    def _pair(self, pair: Alike) -> Alike:
        return dataclasses.replace(pair, first=self.names[pair.first], second=self.names[pair.second])


def names_table(mask: Mask, results: Results, roster: Roster) -> str:
    """Write the table that says whose pseudonym is whose, in the order of the pseudonyms."""
    rows = sorted(
        [mask.names[submission.id], submission.id, roster.names(submission.id)] for submission in results.submissions
    )
    return table_text([["pseudonym", "submission", "name"], *rows])
