"""Compare values: type, shape, dtype, finite numbers, then the values themselves. All checks compare here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from grader.checks.excerpt import MAX_SHOWN, excerpts, keys_in_words
from grader.checks.failure import Cause, CheckFailure, Kind
from grader.checks.picture import picture
from grader.checks.roughness import SAFETY, roughness
from grader.checks.show import show, show_number
from grader.failures.rows import MISSING_RESULT
from grader.port.port import Handle, LearnerRaised, Port, flushed
from grader.text import printable, verb_for
from grader.tolerance import FLOAT32, Tolerance, tolerance_for
from grader.wire.plain import Opaque, Plain

_Numbers: TypeAlias = torch.Tensor | npt.NDArray[Any]


def expect(claim: bool, *, got: str, expected: str, where: str = "") -> None:
    """Fail unless a claim is true; the texts say what the check got, what it expected, and where they differ.

    Raises:
        CheckFailure: the claim is false.
    """
    if not claim:
        raise CheckFailure(Cause("claim", got, expected, where, nothing=got == MISSING_RESULT))


def expect_equal(
    got: Plain,
    expected: Plain,
    what: str = "the result",
    *,
    dims: Sequence[str] = (),
    tolerance: Tolerance | None = None,
    limit: Tolerance = FLOAT32,
    weights: bool = False,
) -> None:
    """Fail unless a value equals the expected one: type and structure exactly, numbers within a tolerance.

    Args:
        got: what the learner's code returned.
        expected: what a correct solution returns.
        what: names the value in the message, e.g. "the output".
        dims: names of a tensor's dimensions, e.g. ("batch", "token", "feature").
        tolerance: replaces the usual one for the dtype.
        limit: the most that is allowed to float64 numbers if the learner's code computes them in float32.
        weights: the values are tables of attention weights, `(…, query, key)`, to be drawn if they differ.

    Raises:
        CheckFailure: they differ; the cause contains the first difference.
    """
    if isinstance(expected, torch.Tensor | np.ndarray):
        _expect_numbers(got, expected, what, dims, tolerance, limit, weights)
    elif isinstance(expected, float):
        _expect_float(got, expected, what, tolerance or tolerance_for(torch.float32))
    else:
        _expect_plain(got, expected, what, tolerance)


def expect_same(got: Plain, other: Plain, what: str = "the result", **options: Any) -> None:
    """Fail unless two answers of the learner's code are equal, of which neither is known to be right.

    Args:
        got: an answer.
        other: the answer that it's compared with.
        what: names the first answer in the message, and says what sets it apart from the other.
        options: as for `expect_equal`.

    Raises:
        CheckFailure: they differ; the message calls neither of them expected.
    """
    try:
        expect_equal(got, other, what, **options)
    except CheckFailure as failure:
        where = f"your two answers should be equal: {failure.cause.where}"
        where = where.replace(": expected ", ": the other is ").replace(", expected ", ", the other ")
        drawn = tuple(line.replace("expected", "the other") for line in failure.cause.picture)
        raise CheckFailure(replace(failure.cause, where=where, picture=drawn, own=True)) from None


def expect_tensor(
    got: Plain, shape: Sequence[int], dtype: torch.dtype, what: str = "the output", *, finite: bool = True
) -> torch.Tensor:
    """Fail unless a value is a tensor of this shape and dtype, and (if `finite`) all its numbers are finite; return it.

    Raises:
        CheckFailure: it is not.
    """
    if not isinstance(got, torch.Tensor):
        raise _wrong_kind(got, what, f"a tensor of shape {tuple(shape)}", "tensor")
    _expect_form(got, tuple(shape), str(dtype), what)
    if finite:
        _expect_finite(got, what, ())
    return got


def expect_array(got: Plain, shape: Sequence[int], dtype: str, what: str = "the output") -> npt.NDArray[Any]:
    """Fail unless a value is a NumPy array of this shape and dtype with finite numbers; return it.

    Raises:
        CheckFailure: it is not.
    """
    if not isinstance(got, np.ndarray):
        raise _wrong_kind(got, what, f"an array of shape {tuple(shape)}", "NumPy array")
    _expect_form(got, tuple(shape), dtype, what)
    _expect_finite(got, what, ())
    return got


def expect_parameters(module: Handle, shapes: Mapping[str, Sequence[int]]) -> None:
    """Fail unless a module has exactly these parameters, of these shapes, all trainable; frozen ones don't count.

    Raises:
        CheckFailure: a parameter is missing, unexpected, of another shape, or not trainable.
    """
    parameters = {name: info for name, info in module.parameters().items() if info.trainable or name in shapes}
    expected_names = ", ".join(shapes)
    missing = [name for name in shapes if name not in parameters]
    extra = [printable(name, 60) for name in parameters if name not in shapes]
    if missing or extra:
        where = "; ".join(
            ([f"missing: {', '.join(missing)}"] if missing else [])
            + ([f"unexpected: {', '.join(extra)}"] if extra else [])
        )
        names = printable(", ".join(parameters), 160) or "no parameters"
        if len(names) > MAX_SHOWN or len(expected_names) > MAX_SHOWN:
            names = f"{len(parameters)} parameters, {len(shapes) - len(missing)} of them with an expected name"
            expected_names = f"{len(shapes)} parameters"
        # A hint about parameters doesn't help if some are only named differently.
        kind: Kind = "names" if missing and extra else "parameters"
        raise CheckFailure(Cause(kind, names, expected_names, where))
    for name, shape in shapes.items():
        if tuple(parameters[name].value.shape) != tuple(shape):
            got, expected = f"shape {tuple(parameters[name].value.shape)}", f"shape {tuple(shape)}"
            raise CheckFailure(Cause("shape", got, expected, f"parameter {name}"))
        if not parameters[name].trainable:
            raise CheckFailure(Cause("parameters", "requires_grad=False", "requires_grad=True", f"parameter {name}"))


@contextlib.contextmanager
def hinted_only_if_equal(got: Plain, expected: Plain, limit: Tolerance = FLOAT32) -> Iterator[None]:
    """Leave out the check's hint if the block fails, and these values differ already.

    The hint is about what the block compares. If what comes before it is wrong, something else explains the failure.
    """
    try:
        yield
    except CheckFailure as failure:
        try:
            expect_equal(got, expected, limit=limit)
        except CheckFailure:
            failure.cause = replace(failure.cause, hinted=False)
        raise


@contextlib.contextmanager
def expect_raises(port: Port, *types: str, because: str) -> Iterator[None]:
    """Fail unless the learner's code, called in the block, raises an exception of one of these types.

    Args:
        port: the learner's port.
        types: names of exception classes; a subclass counts too. `AssertionError` and `ValueError` by default.
        because: why it should, e.g. "3 heads do not divide d_out=4".

    Raises:
        CheckFailure: it raised nothing, or something else.
    """
    accepted = types or ("ValueError", "AssertionError")
    expected = f"{' or '.join(accepted)}, because {because}"
    try:
        with flushed(port):
            yield
    except LearnerRaised as error:
        if not set(error.raised.types) & set(accepted):
            raise CheckFailure(Cause("raised", printable(str(error)), expected)) from error
        return
    raise CheckFailure(Cause("not raised", "no exception", expected))


def _expect_numbers(
    got: Plain,
    expected: _Numbers,
    what: str,
    dims: Sequence[str],
    tolerance: Tolerance | None,
    limit: Tolerance,
    weights: bool,
) -> None:
    if not isinstance(got, torch.Tensor if isinstance(expected, torch.Tensor) else np.ndarray):
        kind = "tensor" if isinstance(expected, torch.Tensor) else "NumPy array"
        raise _wrong_kind(got, what, show(expected), kind)
    _expect_form(got, tuple(expected.shape), str(expected.dtype), what)
    numbers, expected_numbers = _as_tensor(got), _as_tensor(expected)
    if not expected_numbers.is_floating_point():
        _report_difference(numbers != expected_numbers, got, expected, what, dims, weights)
        return
    finite = torch.isfinite(expected_numbers)
    if bool(finite.all()):
        _expect_finite(got, what, dims, expected)
    largest = float(expected_numbers[finite].abs().max()) if bool(finite.any()) else 0.0
    bound = (tolerance or tolerance_for(expected_numbers.dtype)).bound(largest)
    wrong = _further_apart(numbers, expected_numbers, bound)
    widest = limit.bound(largest)
    if bool(wrong.any()) and not bool(_further_apart(numbers, expected_numbers, widest).any()):
        wrong = _further_apart(numbers, expected_numbers, min(widest, bound + SAFETY * roughness()))
    _report_difference(wrong, got, expected, what, dims, weights)


def _further_apart(numbers: torch.Tensor, expected: torch.Tensor, bound: float) -> torch.Tensor:
    return ~torch.isclose(numbers, expected, rtol=0.0, atol=bound, equal_nan=True)


def _as_tensor(numbers: _Numbers) -> torch.Tensor:
    return numbers if isinstance(numbers, torch.Tensor) else torch.from_numpy(np.array(numbers, order="C"))


def _wrong_kind(got: Plain, what: str, expected: str, kind: str) -> CheckFailure:
    return wrong_type(got, expected, f"{what} {verb_for(what, 'is', 'are')} not a {kind}", what)


def _expect_form(got: _Numbers, shape: tuple[int, ...], dtype: str, what: str) -> None:
    if tuple(got.shape) != shape:
        where = f"{what} {verb_for(what, 'has', 'have')} the wrong shape"
        raise CheckFailure(Cause("shape", f"shape {tuple(got.shape)}", f"shape {shape}", where))
    if str(got.dtype) != dtype:
        where = f"{what} {verb_for(what, 'has', 'have')} the wrong dtype"
        raise CheckFailure(Cause("dtype", _dtype(str(got.dtype)), _dtype(dtype), where))


def _expect_finite(got: _Numbers, what: str, dims: Sequence[str], expected: _Numbers | None = None) -> None:
    wrong = ~torch.isfinite(_as_tensor(got))
    if bool(wrong.any()):
        index = tuple(wrong.nonzero()[0].tolist())
        wanted = show(expected) if expected is not None else "finite numbers"
        where = f"{what} {verb_for(what, 'is', 'are')} {show_number(float(got[index]))} {_position(index, dims)}"
        raise CheckFailure(Cause("finite", show(got), wanted, where))


def _report_difference(
    wrong: torch.Tensor, got: _Numbers, expected: _Numbers, what: str, dims: Sequence[str], weights: bool
) -> None:
    if not bool(wrong.any()):
        return
    index = tuple(wrong.nonzero()[0].tolist())
    first, wanted = show(got[index].item()), show(expected[index].item())
    digits = 5
    while first == wanted and digits <= 17:
        # Show enough digits to tell them apart.
        first, wanted = f"{got[index].item():.{digits}g}", f"{expected[index].item():.{digits}g}"
        digits += 1
    count = f"{int(wrong.sum())} of {wrong.numel()} values differ" if wrong.numel() > 1 else "it differs"
    where = f"{what} {_position(index, dims)}: got {first}, expected {wanted} ({count})"
    drawn = picture(_as_tensor(got), _as_tensor(expected)) if weights else ()
    raise CheckFailure(Cause("value", show(got), show(expected), where, drawn))


def _expect_float(got: Plain, expected: float, what: str, tolerance: Tolerance) -> None:
    if type(got) is not float:
        hint = " (`.item()` makes one)" if isinstance(got, torch.Tensor | np.ndarray) else ""
        raise wrong_type(got, show(expected), f"{what} is not a float{hint}")
    both = torch.tensor([got, expected], dtype=torch.float64)
    bound = tolerance.bound(abs(expected)) if torch.isfinite(both[1]) else 0.0
    if not torch.isclose(both[0], both[1], rtol=0.0, atol=bound, equal_nan=True):
        raise CheckFailure(Cause("value", show(got), show(expected), what))


def _expect_plain(got: Plain, expected: Plain, what: str, tolerance: Tolerance | None, path: str = "") -> None:
    here = f"{what}{path}"
    if isinstance(expected, Opaque):
        # It came from the learner's code, too: two objects of one type say nothing about what is in them.
        raise wrong_type(got, "numbers, texts, lists or tensors", f"{here} can't be compared")
    if type(got) is not type(expected):
        kind = type(expected).__name__
        where = f"{here}: expected {'an' if kind[0] in 'aeiou' else 'a'} {kind}, got {described(got)}"
        raise wrong_type(got, show(expected), where)
    if isinstance(expected, (list, tuple)):
        _expect_items(got, expected, what, tolerance, path)
    elif isinstance(expected, dict):
        _expect_entries(got, expected, what, tolerance, path)
    elif got != expected:
        texts = excerpts(got, expected, _are_equal)
        where = f"{here}: got {texts[0]}, expected {texts[1]}"
        raise CheckFailure(Cause("value", *texts, where))


def _expect_items(
    got: Sequence[Plain], expected: Sequence[Plain], what: str, tolerance: Tolerance | None, path: str
) -> None:
    for index, (item, wanted) in enumerate(zip(got, expected, strict=False)):
        failure = _difference(item, wanted, what, tolerance, f"{path}[{index}]")
        if failure is not None:
            where = failure.where
            if len(got) != len(expected):
                where += f"; {len(got)} items instead of {len(expected)}"
            elif not path:
                pairs = zip(got, expected, strict=True)
                where += _count(sum(not _are_equal(*pair, tolerance) for pair in pairs), len(expected), "items")
            raise CheckFailure(Cause(failure.kind, *excerpts(got, expected, _are_equal), where))
    if len(got) != len(expected):
        where = f"{what}{path} {verb_for(what + path, 'has', 'have')} {len(got)} items, expected {len(expected)}"
        raise CheckFailure(Cause("shape", *excerpts(got, expected, _are_equal), where))


def _expect_entries(
    got: Mapping[Any, Plain], expected: Mapping[Any, Plain], what: str, tolerance: Tolerance | None, path: str
) -> None:
    missing = [key for key in expected if key not in got]
    extra = [key for key in got if key not in expected]
    if missing or extra:
        parts = [f"no key{'s' if len(missing) > 1 else ''} {keys_in_words(missing)}"] if missing else []
        if extra:
            parts.append(
                f"{'' if len(extra) > 1 else 'an '}unexpected key{'s' if len(extra) > 1 else ''} {keys_in_words(extra)}"
            )
        where = f"{what}{path} {verb_for(what + path, 'has', 'have')} {', but '.join(parts)}"
        raise CheckFailure(Cause("value", *excerpts(got, expected, _are_equal), where))
    for key, wanted in expected.items():
        failure = _difference(got[key], wanted, what, tolerance, f"{path}[{show(key)}]")
        if failure is not None:
            where = failure.where
            if not path:
                wrong = sum(not _are_equal(got[key], expected[key], tolerance) for key in expected)
                where += _count(wrong, len(expected), "entries")
            raise CheckFailure(Cause(failure.kind, *excerpts(got, expected, _are_equal), where))


def _difference(got: Plain, expected: Plain, what: str, tolerance: Tolerance | None, path: str) -> Cause | None:
    """Return how one part of a value differs; None if it is equal."""
    try:
        if isinstance(expected, (torch.Tensor, np.ndarray, float)):
            expect_equal(got, expected, f"{what}{path}", tolerance=tolerance)
        else:
            _expect_plain(got, expected, what, tolerance, path)
    except CheckFailure as failure:
        return failure.cause
    return None


def _are_equal(got: Plain, expected: Plain, tolerance: Tolerance | None = None) -> bool:
    if type(got) is type(expected) and isinstance(got, str | bytes | int | None):
        return bool(got == expected)
    return _difference(got, expected, "", tolerance, "") is None


def _count(wrong: int, number: int, things: str) -> str:
    return f" ({wrong} of {number} {things} differ)" if wrong > 1 else ""


def wrong_type(got: Plain, expected: str, where: str, what: str = "") -> CheckFailure:
    """Return the failure of a check that got a result of a wrong type."""
    return CheckFailure(Cause("type", described(got, what), expected, where, nothing=is_nothing(got, what)))


def is_nothing(value: Plain, what: str = "") -> bool:
    """Say whether a result is missing. A gradient may be None for other reasons."""
    return value is None and "gradient" not in what


def described(value: Plain, what: str = "") -> str:
    """Show a value with its type, as a message about a wrong type does."""
    if value is None:
        return MISSING_RESULT if is_nothing(value, what) else "None"
    if isinstance(value, Opaque):
        return str(value)
    return f"{show(value)}, a {'NumPy array' if isinstance(value, np.ndarray) else type(value).__name__}"


def _dtype(dtype: str) -> str:
    return dtype.removeprefix("torch.")


def _position(index: Sequence[int], dims: Sequence[str]) -> str:
    if not index:
        return "as a whole"
    if len(dims) == len(index):
        return "at " + ", ".join(f"{name} {i}" for name, i in zip(dims, index, strict=True))
    return f"at [{', '.join(map(str, index))}]"
