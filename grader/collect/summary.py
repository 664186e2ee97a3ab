"""What `grader collect` tells the instructor: what is new, what needs a look, what was left out, and what is next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.archives import LeftOut
from grader.collect.folders import CONFLICTS, EARLIER, SUBMISSIONS, Update
from grader.collect.identity import Owner
from grader.collect.model import Submitted
from grader.collect.registers import HAND_INS_FILE, ROSTER_FILE, TIMES_FILE, HandIn
from grader.grading.notices import HEADLINE
from grader.handin import RECEIPTS_FILE, Receipt
from grader.handin.class_receipts import problems
from grader.text import listed, printable

MAX_NAMED = 20


@dataclass(frozen=True)
class Collected:
    """What was collected.

    Attributes:
        platform: the platform's name.
        out: the folder for everything that is collected.
        assignment: the assignment that was handed in; empty if it isn't known.
        owners: the folder and the people of each submission.
        submitted: what was handed in, in the same order, and so are `updates` and `hand_ins`.
        updates: what happened to each folder.
        hand_ins: the times.
        waiting: the people in the platform's lists who handed in nothing.
        unlisted: the folders of those who aren't in the lists, if there are lists.
        same_names: names that several people have.
        on_roster: the number of people on the roster.
        receipts: the receipts of each submission, by its folder.
        has_receipts: whether there is a table of receipts.
        left_out: the files that are in nobody's folder, and why.
        remarks: sentences about the whole download.
    """

    platform: str
    out: Path
    assignment: str
    owners: tuple[Owner, ...]
    submitted: tuple[Submitted, ...]
    updates: tuple[Update, ...]
    hand_ins: tuple[HandIn, ...]
    waiting: tuple[Owner, ...]
    unlisted: tuple[str, ...]
    same_names: tuple[str, ...]
    on_roster: int
    receipts: Mapping[str, Sequence[Receipt]]
    has_receipts: bool
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Say whether every file of the download is in a submission's folder, or is nobody's work."""
        return not self.left_out

    def lines(self) -> Iterator[str]:
        """Yield the lines of the summary."""
        of = f" of `{self.assignment}`" if self.assignment else ""
        what = f"{len(self.updates)} submission{'s' * (len(self.updates) != 1)}{of} from {self.platform}"
        yield f"{what}, in {self.out / SUBMISSIONS}: {self._counts()}."
        yield from self._changes()
        look = [*self._about_people(), *self._about_files(), *problems(self.receipts)]
        if look:
            yield HEADLINE
            yield from (f"  {line}" for line in look)
        if self.left_out:
            yield "Not in any submission's folder:"
            yield from (f"  {printable(item.name)}: it {item.why}." for item in self.left_out)
        yield from self._about_receipts()
        yield from self.remarks
        people = "1 person" if self.on_roster == 1 else f"{self.on_roster} people"
        more = f", {RECEIPTS_FILE}" if self.has_receipts else ""
        yield f"Written: {ROSTER_FILE} ({people}), {HAND_INS_FILE}, {TIMES_FILE}{more}."
        words = ["grader", "grade", self.out / SUBMISSIONS, "--out", self.out / "graded"]
        words += ["--roster", self.out / ROSTER_FILE, "--times", self.out / TIMES_FILE]
        words += ["--assignment", self.assignment] if self.assignment else []
        yield f"Next: {shlex.join(map(str, words))}"

    def _counts(self) -> str:
        new = sum(update.is_new for update in self.updates)
        changed = sum(update.is_changed for update in self.updates)
        return f"{new} new, {changed} updated, {len(self.updates) - new - changed} unchanged"

    def _changes(self) -> Iterator[str]:
        """Say what is different in folders that were there before."""
        for update in self.updates:
            if not update.is_changed:
                continue
            written = f"{listed(update.written, MAX_NAMED)} from the download" if update.written else "nothing new"
            line = f"{update.folder}: {written}"
            if update.replaced:
                line += f"; earlier {listed(update.replaced, MAX_NAMED)} moved to {self.out / EARLIER / update.folder}"
            if update.kept:
                line += f"; kept, although not in the download: {listed(update.kept, MAX_NAMED)}"
            yield f"  {printable(line, 400)}."

    def _about_receipts(self) -> Iterator[str]:
        """List the receipts, to compare with those that students have."""
        every = [(name, receipt) for name, several in self.receipts.items() for receipt in several if receipt.code]
        if every:
            yield "Receipts, to compare with those that students have:"
        for name, receipt in every[:MAX_NAMED]:
            says = "its files match" if receipt.status == "matches" else "its files don't match"
            yield f"  {printable(name)}: {receipt.code}, {says}"
        if len(every) > MAX_NAMED:
            yield f"  {len(every) - MAX_NAMED} more are in {RECEIPTS_FILE}."

    def _about_people(self) -> Iterator[str]:
        late = [hand_in.submission for hand_in in self.hand_ins if hand_in.late]
        if late:
            yield f"Late, says {self.platform}: {_names(late)}."
        again = [f"{hand_in.submission} ({hand_in.attempts})" for hand_in in self.hand_ins if hand_in.attempts > 1]
        if again:
            where = self.out / EARLIER
            there = (
                f"; the earlier ones are in {where}" if any(len(each.attempts) > 1 for each in self.submitted) else ""
            )
            yield f"Several attempts, of which the last one counts{there}: {_names(again)}."
        groups = [f"{owner.folder} ({len(owner.people)})" for owner in self.owners if len(owner.people) > 1]
        if groups:
            yield f"Groups, with a line for each person on the roster: {_names(groups)}."
        if self.waiting:
            people = [owner.people[0].name or owner.folder for owner in self.waiting]
            yield f"In the list of people, but not in this download: {_names(people)}."
        if self.unlisted:
            yield f"Not in the list of people: {_names(self.unlisted)}."
        if self.same_names:
            yield f"Several people are called {_names(self.same_names)}. Compare their folders' names with the roster."

    def _about_files(self) -> Iterator[str]:
        last = [(owner.folder, each.attempts[-1]) for owner, each in zip(self.owners, self.submitted, strict=True)]
        typed = [folder for folder, attempt in last if attempt.only_text]
        if typed:
            yield f"Only text that was typed into {self.platform}, and no file: {_names(typed)}."
        empty = [folder for folder, attempt in last if not attempt.files]
        if empty:
            yield f"No file that could be taken: {_names(empty)}."
        for update in self.updates:
            if update.conflicts:
                yield (
                    f"{update.folder}: you changed {listed(update.conflicts, MAX_NAMED)}, so your version stays. The "
                    f"download's is in {self.out / CONFLICTS / update.folder}."
                )


def _names(names: Sequence[str]) -> str:
    return listed([printable(name) for name in names], MAX_NAMED)
