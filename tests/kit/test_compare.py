"""The comparison module: what differs is found, in order, and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.checks import (
    CheckFailure,
    Port,
    Tolerance,
    expect,
    expect_array,
    expect_equal,
    expect_gradients_fit_the_output,
    expect_parameters,
    expect_raises,
    expect_same,
    expect_tensor,
    values,
    weights,
)
from grader.checks.failure import Cause
from grader.checks.outcome import rows_of
from grader.checks.show import show, show_program
from grader.diagnosis.answers import agree, answers_of
from grader.failures.as_text import rows_as_text
from grader.port import NotStarted, Opaque
from grader.port.port import Exchange
from grader.wire.as_json import from_json, to_json
from grader.wire.plain import Ref
from grader.wire.requests import Answer, Build, Call, Get, Put

F64 = torch.float64
Write = Callable[..., Path]


def cause_of(got: object, expected: object, **options: object) -> Cause:
    """Return the reason why a comparison fails."""
    with pytest.raises(CheckFailure) as raised:
        expect_equal(got, expected, **options)  # type: ignore[arg-type]
    return raised.value.cause


@pytest.mark.parametrize(
    ("got", "expected", "kind", "message"),
    [
        (None, torch.ones(2), "type", "is a `return` missing?"),
        ([1.0, 1.0], torch.ones(2), "type", "list"),
        (Opaque("Odd"), torch.ones(2), "type", "Odd"),
        (torch.ones(1), torch.ones(2), "shape", "(1,)"),
        (torch.ones(2, 1), torch.ones(2), "shape", "(2, 1)"),
        (torch.ones(2), torch.ones(2, dtype=F64), "dtype", "float32"),
        (torch.tensor([1.0, float("nan")]), torch.ones(2), "finite", "nan"),
        (torch.tensor([1.0, 1.1]), torch.ones(2), "value", "1.1"),
        (torch.tensor([1, 3]), torch.tensor([1, 2]), "value", "3"),
        (None, np.ones(2), "type", "is a `return` missing?"),
        (torch.ones(2), np.ones(2), "type", "the result is not a NumPy array"),
        ([1.0, 1.0], np.ones(2), "type", "the result is not a NumPy array"),
        (np.ones(2), torch.ones(2), "type", "array([1.0, 1.0]), a NumPy array"),
        (np.ones((2, 1)), np.ones(2), "shape", "(2, 1)"),
        (np.ones(1), np.ones(()), "shape", "(1,)"),
        (np.ones(2, dtype="float32"), np.ones(2), "dtype", "float32"),
        (np.array([1.0, np.inf]), np.ones(2), "finite", "inf"),
        (np.array([[1.0, 1.1]]), np.ones((1, 2)), "value", "at [0, 1]: got 1.1, expected 1.0 (1 of 2 values differ)"),
        (np.array(1.1), np.array(1.0), "value", "as a whole: got 1.1, expected 1.0"),
        (np.array([1, 3]), np.array([1, 2]), "value", "array([1, 3])"),
        ([np.array([1])], [np.array([2])], "value", "[0]"),
        (np.array(1.0), 1.0, "type", ".item()"),
        (torch.tensor(1.0), 1.0, "type", ".item()"),
        (1, 1.0, "type", "int"),
        (1.5, 1.0, "value", "1.5"),
        (float("nan"), 1.0, "value", "nan"),
        (1.0, float("nan"), "value", "1"),
        ([1, 2], (1, 2), "type", "list"),
        ([1, 2, 3], [1, 2], "shape", "has 3 items, expected 2"),
        ([1, 5], [1, 2], "value", "[1]: got 5, expected 2"),
        ([True], [1], "type", "bool"),
        ({1: b"a"}, {1: b"b"}, "value", "b'a'"),
        ({1: b"a", 2: b""}, {1: b"a"}, "value", "unexpected key 2"),
        ({}, {1: b"a"}, "value", "no key 1"),
        ("ab", "abc", "value", "'ab'"),
        ([(b"a", b"b")], [(b"a", b"c")], "value", "[0][1]"),
    ],
)
def test_each_kind_of_difference_is_told(got: object, expected: object, kind: str, message: str) -> None:
    """The failure has the right kind, and says what it got."""
    cause = cause_of(got, expected)
    assert cause.kind == kind
    assert message in f"{cause.got} {cause.expected} {cause.where}"


@pytest.mark.parametrize(
    "value",
    [
        np.ones((2, 2)).T,
        np.array([np.nan, np.inf]),
        np.array(1),
        torch.ones(2),
        torch.tensor([float("nan")]),
        1.0,
        float("nan"),
        [1, (b"", None)],
        {1: [2.0]},
        "",
        True,
    ],
)
def test_equal_values_pass(value: object) -> None:
    """A value that equals itself passes, including nan if nan is expected."""
    expect_equal(value, value)


def test_the_first_difference_has_names() -> None:
    """The message gives the position of the first difference, with the names of the dimensions."""
    got = torch.zeros(2, 2, 2)
    got[1, 0, 1] = 3
    where = cause_of(got, torch.zeros(2, 2, 2), what="the output", dims=("batch", "token", "feature")).where
    assert where == "the output at batch 1, token 0, feature 1: got 3.0, expected 0.0 (1 of 8 values differ)"


def test_rounding_passes_and_a_per_cent_does_not() -> None:
    """The bounds are larger than rounding errors and smaller than the smallest mistake worth a name."""
    for dtype, small in ((F64, 1e-8), (torch.float32, 1e-6)):
        expected = values(4, 4, seed=1, dtype=dtype)
        expect_equal(expected * (1 + small), expected)
        with pytest.raises(CheckFailure):
            expect_equal(expected * 1.01, expected)


def test_a_tolerance_of_its_own_is_used() -> None:
    """A check may set its own bound."""
    expect_equal(torch.tensor([1.04]), torch.ones(1), tolerance=Tolerance(0.05, 1.0))


def test_expect_array() -> None:
    """An array of the expected shape and dtype is returned; a tensor, a list or another shape fails."""
    assert expect_array(np.ones(2), (2,), "float64").sum() == 2
    for wrong in (None, [1.0, 1.0], torch.ones(2), np.ones(3), np.ones(2, dtype="float32"), np.array([1.0, np.nan])):
        with pytest.raises(CheckFailure):
            expect_array(wrong, (2,), "float64")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.array([[1.0, 2.5]]), "array([[1.0, 2.5]])"),
        (np.array([1, 0]), "array([1, 0])"),
        (np.array([True]), "array([True])"),
        (np.array(1e9), "array(1e+09)"),
        (np.ones(1, dtype="float32"), "array([1.0], dtype='float32')"),
        (np.zeros((0, 2)), "numpy.empty((0, 2))"),
        (np.zeros((6, 7)), "an array of shape (6, 7), float64"),
    ],
)
def test_arrays_are_shown_as_python(value: object, shown: str) -> None:
    """An array is shown as NumPy prints it, or described if it's long."""
    assert show(value) == shown


def test_a_program_with_arrays_can_be_pasted() -> None:
    """Imports come first, strided values are recreated as such, and attributes are read with a dot."""
    requests = [
        Build("thing", "Model", (), {}, 1),
        Build("needed", "Part", (), {}, 4),
        Put(np.array([[1.5], [2.0]]), True, 2),
        Put(np.array([1, 0]), True, 3),
        Call(1, "thing", "fit", (Ref(2), Ref(3), np.zeros((0, 1))), {}, 0),
        Get(1, "thing", "w_"),
    ]
    assert show_program(requests) == [
        "import numpy",
        "from numpy import array",
        "from exercises.needed import Part",
        "from exercises.thing import Model",
        "model = Model()",
        "part = Part()",
        "x = array([[1.5], [2.0]]).T.copy().T",
        "x_2 = array([1, 0]).repeat(2)[::2]",
        "model.fit(x, x_2, numpy.empty((0, 1)))",
        "model.w_",
    ]


def test_arrays_are_recorded_and_read_again() -> None:
    """A recorded array gives the same array, and is told apart from a tensor."""
    value = {"x": [np.array([[1.5, 2.0]]), np.array([1], dtype="int32"), np.zeros((0, 2))]}
    read = from_json(json.loads(json.dumps(to_json(value))))
    for array, again in zip(value["x"], read["x"], strict=True):
        assert (array.dtype, array.shape, array.tolist()) == (again.dtype, again.shape, again.tolist())
    ones, again, as_tensor, larger = (
        answers_of([Exchange((Get(1),), (Answer([value]),))])
        for value in (np.ones(2), np.ones(2), torch.ones(2, dtype=F64), np.ones(2) * 1.01)
    )
    assert agree(ones, again)
    assert not agree(ones, as_tensor)
    assert not agree(ones, larger)


def test_expect_and_expect_tensor() -> None:
    """A claim that is true says nothing; one that isn't carries its texts."""
    expect(True, got="", expected="")
    with pytest.raises(CheckFailure, match="apples"):
        expect(False, got="apples", expected="pears")
    assert expect_tensor(torch.ones(2), (2,), torch.float32).sum() == 2
    for wrong in (None, torch.ones(3), torch.ones(2, dtype=F64), torch.tensor([1.0, float("inf")])):
        with pytest.raises(CheckFailure):
            expect_tensor(wrong, (2,), torch.float32)


LAYERS = """
    import torch
    from torch import nn

    class Right(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2))
        def forward(self, x):
            return torch.tanh(x * self.weight)

    class Detached(Right):
        def forward(self, x):
            return torch.tanh(x.detach() * self.weight) + x

    class Frozen(Right):
        def __init__(self):
            super().__init__()
            self.weight.requires_grad_(False)

    class Extra(Right):
        def __init__(self):
            super().__init__()
            self.more = nn.Parameter(torch.ones(1))

    class Narrow(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3))

    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.ones(2)

    class Raises:
        def __init__(self, kind):
            if kind == "none":
                raise NotImplementedError("so")
            if kind: raise {"assert": AssertionError, "value": ValueError, "type": TypeError}[kind]("so")
    """


def test_parameters_are_exactly_those_due(connect: Callable[..., Port], write_module: Write) -> None:
    """Missing, additional, misshapen and frozen parameters are told apart."""
    port = connect(write_module(LAYERS))
    expect_parameters(port.build("Right"), {"weight": (2,)})
    for name, message in [
        ("Extra", "unexpected: more"),
        ("Plain", "missing: weight"),
        ("Narrow", "parameter weight"),
        ("Frozen", "requires_grad"),
    ]:
        with pytest.raises(CheckFailure, match=message):
            expect_parameters(port.build(name), {"weight": (2,)})


def test_raising_is_checked_by_type(connect: Callable[..., Port], write_module: Write) -> None:
    """The exceptions of the contract pass; none, another, or the stub's own do not."""
    port = connect(write_module(LAYERS))
    for kind in ("assert", "value"):
        with expect_raises(port, because="it must"):
            port.build("Raises", kind=kind)
    for kind, message in (("type", "TypeError: so"), ("", "no exception")):
        with pytest.raises(CheckFailure, match=message), expect_raises(port, because="it must"):
            port.build("Raises", kind=kind)
    with pytest.raises(NotStarted), expect_raises(port, because="it must"):
        port.build("Raises", kind="none")


def test_gradients_are_held_against_the_output(connect: Callable[..., Port], write_module: Write) -> None:
    """Correct gradients pass, and a detached path is found."""
    port = connect(write_module(LAYERS))
    x, drawn = values(3, 2, seed=1), weights({"weight": (2,)}, seed=2)
    expect_gradients_fit_the_output(port.build("Right").double(), x, drawn)
    with pytest.raises(CheckFailure, match="the gradient of the input"):
        expect_gradients_fit_the_output(port.build("Detached").double(), x, drawn)


VOCABULARY = {number: bytes([number]) for number in range(256)}


@pytest.mark.parametrize(
    ("got", "expected", "texts"),
    [
        (
            VOCABULARY | {65: b"a", 300: b"no"},
            VOCABULARY | {256: b"th", 257: b"the"},
            (
                "{65: b'a', 300: b'no', … 255 equal entries}",
                "{65: b'A', 256: b'th', 257: b'the', … 255 equal entries}",
                "the result has no keys 256, 257, but an unexpected key 300",
            ),
        ),
        (
            VOCABULARY | dict.fromkeys(range(9), b"x"),
            VOCABULARY,
            (
                "{0: b'x', 1: b'x', 2: b'x', 3: b'x', … 5 more that differ, … 247 equal entries}",
                r"{0: b'\x00', 1: b'\x01', 2: b'\x02', 3: b'\x03', … 5 more that differ, … 247 equal entries}",
                r"the result[0]: got b'x', expected b'\x00' (9 of 256 entries differ)",
            ),
        ),
        (
            [*range(50), 7, *range(51, 90)],
            list(range(100)),
            (
                "[… 48 equal items, 48, 49, 7, 51, 52, … 37 more]",
                "[… 48 equal items, 48, 49, 50, 51, 52, … 47 more]",
                "the result[50]: got 7, expected 50; 90 items instead of 100",
            ),
        ),
        (
            list(range(90)),
            list(range(100)),
            (
                "[… 88 equal items, 88, 89]",
                "[… 88 equal items, 88, 89, 90, 91, 92, … 7 more]",
                "the result has 90 items, expected 100",
            ),
        ),
        (
            "a" * 100 + "b" + "c" * 100,
            "a" * 100 + "d" + "c" * 100,
            (
                f"… {'a' * 16 + 'b' + 'c' * 31!r} … (201 long)",
                f"… {'a' * 16 + 'd' + 'c' * 31!r} … (201 long)",
                "the result: got …",
            ),
        ),
        (
            (VOCABULARY | {65: b"a"}, [1, 2]),
            (VOCABULARY, [1, 2]),
            (
                "({65: b'a', … 255 equal entries}, [1, 2])",
                "({65: b'A', … 255 equal entries}, [1, 2])",
                "the result[0][65]: got b'a', expected b'A'",
            ),
        ),
        ({1: b"a"}, {1: b"b"}, ("{1: b'a'}", "{1: b'b'}", "the result[1]: got b'a', expected b'b'")),
    ],
)
def test_long_values_show_only_what_differs(got: object, expected: object, texts: tuple[str, str, str]) -> None:
    """Of long values, the message shows what differs and counts the rest; short ones are shown whole."""
    cause = cause_of(got, expected)
    assert (cause.got, cause.expected) == texts[:2]
    assert cause.where.startswith(texts[2])


def test_a_float_is_named_once() -> None:
    """The line `differs` names the number, and doesn't repeat its own label."""
    assert cause_of(1.0, 2.0, what="b_ after one epoch").where == "b_ after one epoch"


@pytest.mark.parametrize(
    ("got", "other", "where"),
    [
        (
            torch.tensor([1.0, 2.0]),
            torch.tensor([1.0, 3.0]),
            "your two answers should be equal: a result at [1]: got 2.0, the other 3.0 (1 of 2 values differ)",
        ),
        ([1, 2], [1], "your two answers should be equal: a result has 2 items, the other 1"),
        ("a", 1, "your two answers should be equal: a result: the other is an int, got 'a', a str"),
    ],
)
def test_no_answer_of_the_learner_is_called_expected(got: object, other: object, where: str) -> None:
    """If two answers of the learner's code are compared, the message says so, and shows the second under a label."""
    with pytest.raises(CheckFailure) as raised:
        expect_same(got, other, "a result")
    assert raised.value.cause.where == where
    rows = rows_of(raised.value.cause)
    assert [row.kind for row in rows] == ["got", "other", "differs"]
    assert "the other" in rows_as_text("", rows)[2]
    expect_same(got, got)
