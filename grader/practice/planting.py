"""Plants bugs: draws some that the visible checks catch, and the names to choose from."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from grader.practice.bugs import Bug, bugs_in, overlap, planted
from grader.practice.kinds import KINDS, are_alike
from grader.practice.trials import Trials

MOST_TRIALS = 60
"""How many bugs are tried before giving up."""
OPTIONS = 4


@dataclass(frozen=True)
class Plant:
    """A program with bugs in it.

    Attributes:
        text: the program.
        bugs: the bugs, one or two.
        options: the kinds of bugs to choose from, in the order in which they are shown.
    """

    text: str
    bugs: tuple[Bug, ...]
    options: tuple[str, ...]


@dataclass
class Account:
    """How many bugs of each operator were rejected, by reason; after `most` of them, no more are drawn."""

    most: int = MOST_TRIALS
    rejected: dict[str, Counter[str]] = field(default_factory=dict)

    def reject(self, bug: Bug, reason: str) -> None:
        """Count a rejected bug."""
        self.rejected.setdefault(reason, Counter())[bug.operator] += 1

    @property
    def total(self) -> int:
        return sum(sum(counts.values()) for counts in self.rejected.values())


Suits = Callable[[str], bool]


def plant(
    trials: Trials,
    text: str,
    count: int,
    draw: random.Random,
    account: Account | None = None,
    suits: Suits | None = None,
) -> Plant | None:
    """Plant bugs in a program that passes its checks; None if no bugs suit.

    Each bug fails a visible check by itself, and so do all of them together. None breaks the import, never returns,
    or only raises exceptions, unless nothing else can be found.

    Args:
        trials: runs the visible checks.
        text: the program.
        count: the number of bugs.
        draw: decides which bugs; the same one plants the same bugs in the same program.
        account: counts the bugs that were rejected.
        suits: a further condition for the program with all bugs in it.
    """
    account = account or Account()
    bugs = bugs_in(text)
    chosen: list[Bug] = []
    loud: list[Bug] = []
    for bug in _mixed(bugs, draw):
        if account.total >= account.most or len(chosen) == count:
            break
        if any(overlap(bug, other) or bug.kind == other.kind or are_alike(bug.kind, other.kind) for other in chosen):
            continue
        reason = _unfit(trials, text, [bug], account)
        if not reason and chosen:
            reason = _unfit(trials, text, [*chosen, bug], account)
        if reason == LOUD and count == 1 and suits is None:
            loud.append(bug)
        changed = planted(text, [*chosen, bug])
        if not reason and suits is not None and not (changed is not None and suits(changed)):
            reason = "it doesn't suit"
        if reason:
            account.reject(bug, reason)
        else:
            chosen.append(bug)
    chosen = chosen if len(chosen) == count else loud[:1]
    whole = planted(text, chosen)
    if len(chosen) < count or whole is None:
        return None
    return Plant(whole, tuple(chosen), _options(chosen, bugs, draw))


SAME, BROKEN, EQUIVALENT, LOUD = (
    "it is the same program",
    "it breaks the import or never returns",
    "no visible check fails",
    "it only raises exceptions",
)


def _unfit(trials: Trials, text: str, bugs: Sequence[Bug], account: Account) -> str:
    """Say why bugs can't be planted; an empty text if they can."""
    changed = planted(text, bugs)
    if changed is None:
        return SAME
    trial = trials.run(changed)
    if trial.is_broken:
        return BROKEN
    if trial.passes:
        return EQUIVALENT
    return "" if trial.is_silent else LOUD


def _mixed(bugs: Sequence[Bug], draw: random.Random) -> Iterator[Bug]:
    """Yield the bugs in an order in which every kind comes equally early, however many bugs there are of it."""
    by_kind: dict[str, list[Bug]] = {}
    for bug in bugs:
        by_kind.setdefault(bug.kind, []).append(bug)
    for those in by_kind.values():
        draw.shuffle(those)
    while by_kind:
        for kind in draw.sample(sorted(by_kind), len(by_kind)):
            yield by_kind[kind].pop()
            if not by_kind[kind]:
                del by_kind[kind]


def _options(chosen: Sequence[Bug], bugs: Sequence[Bug], draw: random.Random) -> tuple[str, ...]:
    """Choose names: the right ones, and those of other bugs, of the same functions if possible."""
    right = [bug.kind for bug in chosen]
    functions = {bug.function for bug in chosen}
    near = sorted({bug.kind for bug in bugs if bug.function in functions})
    far = sorted({bug.kind for bug in bugs} - set(near))
    rest = sorted(set(KINDS) - set(near) - set(far))
    options = list(right)
    for kinds in (near, far, rest):
        for kind in draw.sample(kinds, len(kinds)):
            # A wrong answer that is partly right would be unfair.
            if len(options) < OPTIONS and kind not in options and not any(are_alike(kind, other) for other in right):
                options.append(kind)
    return tuple(draw.sample(options, len(options)))
