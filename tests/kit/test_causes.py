"""Checks that fail for one cause are recognized by their rows, and others aren't."""

from __future__ import annotations

from grader.failures.causes import cause_of, shared
from grader.failures.rows import Position, Row


def raised(text: str, line: int, code: str = "") -> tuple[Row, ...]:
    """Make the rows of a check whose learner's code raised."""
    about = (text.partition(":")[0], *(["NoneType"] if "NoneType" in text else []))
    return (
        Row("called", ("f(1)",)),
        Row("raised", (text,), about=about),
        Row("at", places=(Position("m", line, "f", code),)),
    )


def none_from(function: str) -> tuple[Row, ...]:
    """Make the rows of a check that got None from a function."""
    return (Row("called", (f"{function}(x)",), about=(function,)), Row("got", ("None",), about=("None",)))


def test_one_line_that_raises_is_one_cause() -> None:
    """The same exception at the same line is one cause, whatever its text; another line or exception is another."""
    same = cause_of(raised("RuntimeError: 2x3 and 2x3", 7))
    assert same is not None
    assert same == cause_of(raised("RuntimeError: 4x5 and 4x5", 7))
    assert same != cause_of(raised("RuntimeError: 2x3 and 2x3", 8))
    assert same != cause_of(raised("ValueError: 2x3 and 2x3", 7))


def test_none_of_one_function_is_one_cause() -> None:
    """None from one function is one cause; a missing gradient, which is None for other reasons, is none."""
    assert cause_of(none_from("layer_norm")) is not None
    assert cause_of(none_from("layer_norm")) != cause_of(none_from("gelu"))
    assert cause_of((Row("called", ("f(1)",)), Row("got", ("None",)))) is None


def test_a_wrong_result_has_no_cause_of_that_kind() -> None:
    """A result that a check could look at is about the check."""
    assert cause_of((Row("called", ("f(1)",)), Row("got", ("1.0",)), Row("expected", ("2.0",)))) is None


def test_only_enough_checks_are_shown_together() -> None:
    """Two checks are shown by themselves, three together."""
    failures = {str(number): raised("RuntimeError: x", 7) for number in range(3)}
    assert set(shared(failures)) == {"0", "1", "2"}
    assert shared({name: rows for name, rows in failures.items() if name != "2"}) == {}


def test_what_uses_nothing_has_the_cause_of_what_returns_nothing() -> None:
    """A line that raises because a function returned None is part of that function's cause."""
    failures = {str(number): none_from("loss") for number in range(2)}
    failures["use"] = raised("AttributeError: 'NoneType' object has no attribute 'backward'", 9, "loss(x).backward()")
    failures["other"] = raised("AttributeError: 'NoneType' object has no attribute 'backward'", 10, "z.backward()")
    causes = shared(failures)
    assert set(causes) == {"0", "1", "use"}
    assert "`loss(…)`" in causes["use"].sentence
