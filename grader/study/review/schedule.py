"""When which card comes back: the dates are those of the library fsrs, and the file is in the learner's own folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
import yaml

from grader.course import Course
from grader.errors import StateError
from grader.extras import require
from grader.practice.question import load_questions
from grader.study.folder import progress_folder, shown, write_progress
from grader.study.progress import course_progress
from grader.study.state import load_state

FILE = "review.yaml"
_HEAD = "# When `grader review` asks what again. The grader writes this file; it is safe to delete.\n"

Kind = Literal["predict", "rewrite", "bug"]
Grade = Literal["again", "hard", "good"]
MINUTES: dict[Kind, int] = {"predict": 1, "rewrite": 5, "bug": 5}
"""About how long a card of each kind takes."""
TODAY = 10
"""The most minutes in a day."""


class OpenCard(msgspec.Struct):
    """A card that takes more than an answer: a function that is being rewritten, or a bug that is hunted.

    Attributes:
        exercise: the exercise's id.
        kind: which of the two.
        function: the function's name; empty for a bug.
        runs: how often the checks of the rewritten function have run.
        hunts: how many hunts were finished when this one began.
    """

    exercise: str
    kind: Literal["rewrite", "bug"] = "rewrite"
    function: str = ""
    runs: int = 0
    hunts: int = 0


class Reviews(msgspec.Struct):
    """The cards by name, as fsrs writes them; how often each came; what is open; and the minutes of the last day."""

    cards: dict[str, dict[str, Any]] = {}
    times: dict[str, int] = {}
    open: OpenCard | None = None
    day: str = ""
    minutes: int = 0


@dataclass(frozen=True)
class Card:
    """Something to come back to: a question about an exercise, one of its functions to rewrite, or a bug to find."""

    exercise: str
    kind: Kind
    due: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.exercise}/{self.kind}"


def load_reviews(course: Course, tell: Callable[[str], None]) -> Reviews:
    """Read the schedule; if the file is broken, say so, and begin again.

    Args:
        course: the course.
        tell: gets the sentence.
    """
    path = progress_folder(course) / FILE
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")) or {}, Reviews)
    except FileNotFoundError:
        return Reviews()
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        tell(f"{shown(course, path)} can't be read, so reviews begin again: {str(error).splitlines()[0]}")
        return Reviews()


def save_reviews(course: Course, reviews: Reviews) -> None:
    """Write the schedule.

    Raises:
        StateError: it can't be written.
    """
    text = yaml.safe_dump(msgspec.to_builtins(reviews), sort_keys=True, allow_unicode=True, width=110)
    write_progress(course, progress_folder(course) / FILE, (_HEAD + text).encode())


def due_cards(course: Course, reviews: Reviews, now: datetime, tell: Callable[[str], None]) -> list[Card]:
    """List the cards whose date has come, in turn from different exercises, those that have waited longest first."""
    cards = [card for card in _cards(course, reviews, tell) if card.due is None or card.due <= now]
    order = list(MINUTES)
    cards.sort(key=lambda card: (card.due is not None, card.due or now, order.index(card.kind), card.exercise))
    mixed: list[Card] = []
    while cards:
        last = mixed[-1].exercise if mixed else ""
        following = next((card for card in cards if card.exercise != last), cards[0])
        cards.remove(following)
        mixed.append(following)
    return mixed


def next_due(course: Course, reviews: Reviews, tell: Callable[[str], None]) -> datetime | None:
    """Return when the next card is due; None if there are no cards."""
    return min((card.due for card in _cards(course, reviews, tell) if card.due is not None), default=None)


def graded(reviews: Reviews, card: Card, grade: Grade, now: datetime) -> datetime:
    """Schedule a card after an answer, and return when it is due.

    Raises:
        MissingPackage: fsrs isn't installed.
    """
    require("`grader review` needs", "review", "fsrs")
    import fsrs

    # Without steps of minutes, and without chance: a card comes back after whole days, the same for everybody.
    scheduler = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    kept = reviews.cards.get(card.name)
    before = fsrs.Card.from_json(json.dumps(kept)) if kept else fsrs.Card(card_id=len(reviews.cards) + 1)
    after, _ = scheduler.review_card(before, fsrs.Rating[grade.capitalize()], now)
    reviews.cards[card.name] = json.loads(after.to_json())
    reviews.times[card.name] = reviews.times.get(card.name, 0) + 1
    today = now.date().isoformat()
    reviews.minutes = MINUTES[card.kind] + (reviews.minutes if reviews.day == today else 0)
    reviews.day = today
    due: datetime = after.due
    return due


def minutes_left(reviews: Reviews, now: datetime) -> int:
    """Return how many of today's minutes are left."""
    return TODAY - (reviews.minutes if reviews.day == now.date().isoformat() else 0)


def in_days(due: datetime, now: datetime) -> str:
    """Say in how many days something is due."""
    days = max(1, round((due - now) / timedelta(days=1)))
    return "tomorrow" if days == 1 else f"in {days} days"


def _cards(course: Course, reviews: Reviews, tell: Callable[[str], None]) -> Iterator[Card]:
    """Yield the cards of every exercise that has passed."""
    for status in course_progress(course, load_state(course, tell)):
        if status.status != "passed":
            continue
        kinds: list[Kind] = ["predict"] if load_questions(course, status.id).questions else []
        for kind in [*kinds, "rewrite", "bug"]:
            card = Card(status.id, kind)
            kept = reviews.cards.get(card.name)
            try:
                due = datetime.fromisoformat(kept["due"]) if kept else None
            except (KeyError, TypeError, ValueError):
                raise StateError(f"The date of {card.name} in {FILE} is broken. Delete its lines there.") from None
            yield Card(status.id, card.kind, due)
