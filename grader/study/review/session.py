"""A review: today's cards, one after the other, about ten minutes a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from grader.course import Course
from grader.errors import NoCheckpoint, UsageError
from grader.practice.question import LETTERS, explanation, load_questions
from grader.study.asking import STOP, letter_of, show_question
from grader.study.folder import progress_folder, shown
from grader.study.hunt import load_hunts
from grader.study.hunting import begin, stop
from grader.study.review.blank import FOLDER, write_blank
from grader.study.review.schedule import (
    MINUTES,
    Card,
    Grade,
    OpenCard,
    Reviews,
    due_cards,
    graded,
    in_days,
    load_reviews,
    minutes_left,
    next_due,
    save_reviews,
)
from grader.study.state import load_state

Tell = Callable[[str], None]
Prompt = Callable[[str], str]


def review(
    course: Course, prompt: Prompt | None, tell: Tell, now: datetime, give_up: bool = False
) -> Iterator[RenderableType]:
    """Yield what to show: first what is open from last time, then today's cards.

    Args:
        course: the course.
        prompt: asks the learner something; None if there is no terminal to ask at.
        tell: gets a sentence if saved progress can't be read.
        now: the time, with its zone.
        give_up: whether the function that is open is given up.

    Raises:
        UsageError: nothing is open that could be given up, or nothing has passed yet.
        MissingPackage: fsrs isn't installed.
        StateError: a file can't be written.
    """
    reviews = load_reviews(course, tell)
    if give_up and reviews.open is None:
        raise UsageError("No function is open that you could give up. To see what comes back today: grader review")
    if reviews.open is not None:
        yield from _finish(course, reviews, reviews.open, give_up, tell, now)
        if reviews.open is not None:
            return
    cards = due_cards(course, reviews, now, tell)
    today = _of_today(cards, minutes_left(reviews, now))
    if not today:
        yield Text(_nothing(course, reviews, bool(cards), now, tell))
        return
    # Questions come first: a longer card ends the command, because it's worked on in an editor.
    yield Text(_plan(today))
    for card in today:
        if card.kind != "predict":
            yield from (_open_function if card.kind == "rewrite" else _open_bug)(course, reviews, card, tell)
            return
        if prompt is None:
            yield Text(f"A question about {card.exercise} is due. To be asked, run this in a terminal.")
            return
        stopped = yield from _question(course, reviews, card, prompt, now)
        if stopped:
            return


def _of_today(cards: Sequence[Card], minutes: int) -> list[Card]:
    """Choose the cards that fit into the minutes that are left: all questions first, and one longer card."""
    today = [card for card in cards if card.kind == "predict"][:minutes]
    minutes -= sum(MINUTES[card.kind] for card in today)
    longer = [card for card in cards if card.kind != "predict" and MINUTES[card.kind] <= minutes]
    return [*today, *longer[:1]]


def _plan(today: list[Card]) -> str:
    counts = Counter(card.kind for card in today)
    parts = [
        f"{count} {word if count == 1 else words}"
        for kind, word, words in (
            ("predict", "question", "questions"),
            ("rewrite", "function", "functions"),
            ("bug", "bug", "bugs"),
        )
        if (count := counts[kind])  # type: ignore[index]
    ]
    return f"Today: {' and '.join(parts)}, about {sum(MINUTES[card.kind] for card in today)} minutes."


def _nothing(course: Course, reviews: Reviews, has_more: bool, now: datetime, tell: Tell) -> str:
    if has_more:
        return "That's it for today. The rest comes tomorrow."
    due = next_due(course, reviews, tell)
    if due is None:
        raise UsageError("Nothing has passed yet that could come back. What is next: grader progress")
    return f"Nothing is due. The next review is {in_days(due, now)}."


def _question(
    course: Course, reviews: Reviews, card: Card, prompt: Prompt, now: datetime
) -> Generator[RenderableType, None, bool]:
    """Ask the next question about an exercise, and schedule the card; return whether the learner stops."""
    book = load_questions(course, card.exercise)
    ordered = [*book.after, *book.before]
    question = ordered[reviews.times.get(card.name, 0) % len(ordered)]
    yield Text(f"{course.by_id[card.exercise].title}", style="bold")
    yield from show_question(question)
    letter = letter_of(question, prompt)
    if letter not in LETTERS:
        return letter == STOP
    option = question.options[LETTERS.index(letter)]
    due = _graded(course, reviews, card, "good" if option.is_right else "again", now)
    right = LETTERS[question.right]
    yield Text("Right." if option.is_right else f"No, {right}) is right. {explanation(option)}")
    yield Text(f"It comes back {in_days(due, now)}.\n")
    return False


def _open_function(course: Course, reviews: Reviews, card: Card, tell: Tell) -> Iterator[RenderableType]:
    """Write a blank, and say what to do."""
    try:
        path, function = write_blank(course, load_state(course, tell), card.exercise, reviews.times.get(card.name, 0))
    except NoCheckpoint as error:
        raise UsageError(str(error)) from None
    reviews.open = OpenCard(card.exercise, function=function)
    save_reviews(course, reviews)
    yield Text(f"Write `{function}` from memory, in {shown(course, path)}. Your own file stays as it is.")
    yield Text("Then run: grader review. If you can't remember it: grader review --give-up")


def _open_bug(course: Course, reviews: Reviews, card: Card, tell: Tell) -> Iterator[RenderableType]:
    """Plant a bug, or go on with the one that the learner is at, and say what to do."""
    hunts = load_hunts(course, tell)
    exercise = hunts.current.exercise if hunts.current is not None else card.exercise
    if hunts.current is None:
        begin(course, exercise, 1, None, tell)
    reviews.open = OpenCard(exercise, "bug", hunts=len(hunts.finished))
    save_reviews(course, reviews)
    yield Text(f"There is a bug in a copy of your {exercise}. To find it: grader bugs")
    yield Text("Then run: grader review. If you can't find it: grader review --give-up")


def _finish(
    course: Course, reviews: Reviews, open_card: OpenCard, give_up: bool, tell: Tell, now: datetime
) -> Iterator[RenderableType]:
    """Look how far the open card is, and schedule it if it's done or given up."""
    card = Card(open_card.exercise, open_card.kind)
    if give_up:
        due = _graded(course, reviews, card, "again", now)
        yield Text(_given_up(course, open_card, tell))
        yield Text(f"It comes back {in_days(due, now)}.\n")
        return
    grade = _hunted(course, open_card, tell) if open_card.kind == "bug" else _rewritten(course, reviews, open_card)
    if grade is None:
        what = (
            f"`{open_card.function}` isn't right yet" if open_card.function else "You are still at the bug: grader bugs"
        )
        yield Text(f"{what}. Then run grader review again, or: grader review --give-up")
        return
    due = _graded(course, reviews, card, grade, now)
    done = f"All checks pass with your new `{open_card.function}`." if open_card.function else "The bug is found."
    yield Text(f"{done} It comes back {in_days(due, now)}.\n")


def _rewritten(course: Course, reviews: Reviews, open_card: OpenCard) -> Grade | None:
    """Run the checks of a function that was rewritten; None if they don't pass."""
    open_card.runs += 1
    save_reviews(course, reviews)
    if not _passes(course, open_card.exercise):
        return None
    return "good" if open_card.runs == 1 else "hard"


def _hunted(course: Course, open_card: OpenCard, tell: Tell) -> Grade | None:
    """Look how a hunt ended; None if it goes on."""
    ended = [
        each for each in load_hunts(course, tell).finished[open_card.hunts :] if each.exercise == open_card.exercise
    ]
    if not ended:
        return None
    last = ended[-1]
    if last.shown and last.named and last.fixed:
        return "good"
    return "hard" if last.fixed else "again"


def _given_up(course: Course, open_card: OpenCard, tell: Tell) -> str:
    """Return a sentence that says where the answer is; a hunt ends."""
    if open_card.kind == "rewrite":
        return f"Your own code is in exercises/{open_card.exercise}.py."
    hunts = load_hunts(course, tell)
    if hunts.current is None:
        return "The hunt has ended."
    return "\n".join(stop(course, tell).sentences)


def _graded(course: Course, reviews: Reviews, card: Card, grade: Grade, now: datetime) -> datetime:
    due = graded(reviews, card, grade, now)
    if card.kind != "predict":
        reviews.open = None
    save_reviews(course, reviews)
    return due


def _passes(course: Course, exercise: str) -> bool:
    """Run the visible checks on the blank that was filled, print what pytest prints, and say whether all passed."""
    from grader.study.checking import run_checks

    folder = progress_folder(course) / FOLDER
    return run_checks(course, exercise, strict=True, submission=folder) == 0
