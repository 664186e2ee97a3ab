"""`grader review`: what has passed comes back after days, as a question or as a function to write from memory."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.course import Course, load_course
from grader.errors import UsageError
from grader.practice.question import LETTERS, load_questions
from grader.study.folder import PASSED, digest, progress_folder, write_progress
from grader.study.hunt import Finished, load_hunts, save_hunts
from grader.study.review.blank import OPEN, functions, opened
from grader.study.review.schedule import Card, due_cards, graded, load_reviews, minutes_left, save_reviews
from grader.study.review.session import review
from grader.study.state import Checkpoint, change_state

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
CODE = '''\
import torch


class Scale(torch.nn.Module):
    """Multiply."""

    def __init__(self, factor):
        """Keep the factor."""
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return x * self.factor


def double(x): return 2 * x
'''


def silent(sentence: str) -> None:
    raise AssertionError(sentence)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Copy the course; in it, layer_norm and accounting have passed with the solutions' code."""
    for name in ("exercises", "tests/visible", "solutions/standins"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "course.yaml", tmp_path)
    course = load_course(tmp_path / "course.yaml")
    for exercise in ("layer_norm", "accounting"):
        code = (ROOT / f"solutions/{exercise}.py").read_bytes()
        (tmp_path / f"exercises/{exercise}.py").write_bytes(code)
        write_progress(course, progress_folder(course) / PASSED / f"{exercise}.py", code)
        change_state(
            course,
            silent,
            lambda state, name=exercise, code=code: setattr(
                state.of(name), "passed", Checkpoint(digest(code), "2026-11-01 10:00")
            ),
        )
    return course


def shown(course: Course, answers: Iterator[str] | None = None, now: datetime = MONDAY, give_up: bool = False) -> str:
    """Review, and return what is shown; `answers` are typed one after the other."""
    prompt = None if answers is None else lambda text: next(answers)
    return "\n".join(str(getattr(part, "code", part)) for part in review(course, prompt, silent, now, give_up))


def test_questions_come_first_and_a_function_last(course: Course) -> None:
    """Today has both questions, rightly answered ones come back later, and the function waits in a file of its own."""
    said = shown(course, iter([_letter(course, "accounting"), _letter(course, "layer_norm", right=False)]))
    assert said.startswith("Today: 2 questions and 1 function, about 7 minutes.")
    assert said.count("Right.") == 1
    assert "That comes out" in said
    assert "from memory, in progress/review/" in said
    reviews = load_reviews(course, silent)
    assert reviews.open is not None
    dates = {name: datetime.fromisoformat(card["due"]) for name, card in reviews.cards.items()}
    assert dates["accounting/predict"] > dates["layer_norm/predict"] >= MONDAY + timedelta(hours=20)
    mine = course.root / f"exercises/{reviews.open.exercise}.py"
    assert mine.read_bytes() == (ROOT / f"solutions/{reviews.open.exercise}.py").read_bytes()


def test_a_function_is_checked_as_ever(course: Course) -> None:
    """A blank fails, the right code passes, and the date follows; giving up brings it back soon."""
    answers = [_letter(course, "accounting"), _letter(course, "layer_norm")]
    shown(course, iter(answers))
    opened_one = load_reviews(course, silent).open
    assert opened_one is not None
    blank = progress_folder(course) / "review" / f"{opened_one.exercise}.py"
    assert OPEN in blank.read_text(encoding="utf-8")
    assert "isn't right yet" in shown(course)
    shutil.copy(ROOT / f"solutions/{opened_one.exercise}.py", blank)
    said = shown(course)
    assert f"All checks pass with your new `{opened_one.function}`." in said
    reviews = load_reviews(course, silent)
    assert reviews.open is None
    assert reviews.times[f"{opened_one.exercise}/rewrite"] == 1


def test_giving_up_needs_something_open(course: Course) -> None:
    """`--give-up` is for the open function; without one, a sentence says what to do."""
    with pytest.raises(UsageError, match="No function is open"):
        shown(course, give_up=True)
    shown(course, iter([_letter(course, "accounting"), _letter(course, "layer_norm")]))
    assert "Your own code is in exercises/" in shown(course, give_up=True)
    assert load_reviews(course, silent).open is None


def test_a_day_has_about_ten_minutes(course: Course) -> None:
    """Two questions and one function fill a day; the second function waits for the next one."""
    shown(course, iter([_letter(course, "accounting"), _letter(course, "layer_norm")]))
    shown(course, give_up=True)
    assert minutes_left(load_reviews(course, silent), MONDAY) == 3
    assert "That's it for today." in shown(course)
    assert "from memory" in shown(course, iter(["s", "s", "s"]), MONDAY + timedelta(days=1))


def test_a_bug_is_hunted_between_two_reviews(course: Course) -> None:
    """The second long card is a bug in a copy of the learner's code; how its hunt ended decides when it comes back."""
    reviews = load_reviews(course, silent)
    for card in due_cards(course, reviews, MONDAY - timedelta(days=30), silent):
        if card.name != "accounting/bug":
            graded(reviews, card, "good", MONDAY)
    reviews.minutes = 0
    save_reviews(course, reviews)
    said = shown(course)
    assert said.startswith("Today: 1 bug, about 5 minutes.")
    assert "a bug in a copy of your accounting. To find it: grader bugs" in said
    assert "You are still at the bug" in shown(course)
    hunts = load_hunts(course, silent)
    assert hunts.current is not None
    hunts.finished.append(Finished("accounting", 1, ["sign"], shown=True, named=True, fixed=True))
    hunts.current = None
    save_hunts(course, hunts)
    assert "The bug is found. It comes back in" in shown(course)
    assert load_reviews(course, silent).open is None


def test_nothing_passed_is_nothing_to_review(tmp_path: Path) -> None:
    """Somebody who has passed nothing yet reads what comes next."""
    for name in ("exercises", "tests/visible", "solutions/standins"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "course.yaml", tmp_path)
    with pytest.raises(UsageError, match="Nothing has passed yet"):
        shown(load_course(tmp_path / "course.yaml"))


def test_what_is_known_well_comes_later_and_later(course: Course) -> None:
    """Each right answer makes the time longer, and a wrong one short again."""
    reviews = load_reviews(course, silent)
    now, gaps = MONDAY, []
    for _ in range(4):
        due = graded(reviews, Card("layer_norm", "predict"), "good", now)
        gaps.append(due - now)
        now = due
    assert gaps == sorted(gaps)
    assert gaps[-1] > 3 * gaps[0]
    assert graded(reviews, Card("layer_norm", "predict"), "again", now) - now < gaps[1]


def test_exercises_take_turns(course: Course) -> None:
    """Two cards of one exercise aren't neighbors if another one is due."""
    cards = due_cards(course, load_reviews(course, silent), MONDAY, silent)
    assert len(cards) == 6
    assert all(one.exercise != other.exercise for one, other in itertools.pairwise(cards))


def test_a_broken_schedule_begins_again(course: Course) -> None:
    """A file that can't be read is said, and nothing else is lost."""
    write_progress(course, progress_folder(course) / "review.yaml", b"cards: [")
    told: list[str] = []
    assert load_reviews(course, told.append).cards == {}
    assert len(told) == 1
    assert "reviews begin again" in told[0]


def test_only_one_function_is_left_open() -> None:
    """Signature and docstring stay, and everything else of the module does; a function on one line is left alone."""
    assert functions(CODE) == ["Scale.__init__", "Scale.forward"]
    blank = opened(CODE, "Scale.__init__")
    assert '"""Keep the factor."""\n        ' + OPEN in blank
    assert "self.factor = factor" not in blank
    assert "return x * self.factor" in blank


def _letter(course: Course, exercise: str, right: bool = True) -> str:
    """Return the letter of the right option of the first question that a review asks, or of a wrong one."""
    book = load_questions(course, exercise)
    question = [*book.after, *book.before][0]
    wrong = next(position for position, option in enumerate(question.options) if not option.is_right)
    return LETTERS[question.right if right else wrong]
