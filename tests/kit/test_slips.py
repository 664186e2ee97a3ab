"""Slips: which lines may contain one, what a module does without them, and which failures they may explain."""

from __future__ import annotations

import ast
from typing import Any

import pytest
import torch

from grader.authoring.matrix import alone
from grader.course import Course
from grader.grading.run import grade
from grader.learner.slips import repair, slips_in, tools
from grader.naming.slips import symptoms_of
from grader.wire.slips import Slip, SlipKind, from_plain, to_plain


def slips_of(code: str, kind: SlipKind) -> list[Slip]:
    """List the slips of one kind that a module may contain."""
    return [slip for slip in slips_in(ast.parse(code)) if slip.kind == kind]


def run(code: str, *slips: Slip) -> dict[str, Any]:
    """Run a module without these slips, and return its namespace."""
    tree = ast.parse(code)
    repair(tree, slips)
    namespace: dict[str, Any] = dict(tools())
    exec(compile(tree, "module", "exec"), namespace)
    return namespace


@pytest.mark.parametrize(
    ("body", "results"),
    [
        ("y = 2 * x", ["y"]),
        ("2 * x", ["2 * x"]),
        ("low, high = min(x), max(x)\n    print('done')", ["(low, high)", "high", "print('done')"]),
        ("squares = []\n    for n in x:\n        squares.append(n * n)", ["squares"]),
        ("total = 0\n    for n in x:\n        total += n", ["total"]),
        ("counts = {}\n    for n in x:\n        counts[n] = counts.get(n, 0) + 1", ["counts"]),
        ("return 2 * x", []),
        ("if x:\n        return 2 * x", []),
        ("yield x", []),
        ("raise NotImplementedError", []),
        ("'''Double x.'''", []),
    ],
)
def test_what_a_function_may_have_been_meant_to_return(body: str, results: list[str]) -> None:
    """It is what the function computes and never reads, or its last statement; a function with a `return` has none."""
    slips = slips_of(f"def f(x):\n    {body}\n", "no_return")
    assert [slip.source for slip in slips] == results
    assert {slip.function for slip in slips} <= {"f"}


def test_a_function_returns_what_it_computed() -> None:
    """Without the slip, the function returns its result, and its lines keep their numbers."""
    code = "def f(x):\n    y = 2 * x\n    z = y + 1\n\ndef g():\n    raise ValueError('never')\n"
    (slip,) = slips_of(code, "no_return")
    assert (slip.line, slip.source) == (3, "z")
    assert run(code)["f"](3) is None
    module = run(code, slip)
    assert module["f"](3) == 7
    with pytest.raises(ValueError, match="never") as raised:
        module["g"]()
    assert raised.traceback[-1].lineno + 1 == 6


def test_only_the_last_two_dimensions_are_swapped() -> None:
    """Without the slip, `.T` and `.t()` of a batch of matrices transpose each matrix."""
    for expression in ("x.T", "x.t()"):
        (slip,) = slips_of(f"def f(x):\n    return {expression}\n", "transposed")
        repaired = run(f"def f(x):\n    return {expression}\n", slip)["f"]
        assert repaired(torch.zeros(2, 3, 4)).shape == (2, 4, 3)
        assert repaired(torch.zeros(3, 4)).shape == (4, 3)


@pytest.mark.parametrize(
    ("imports", "loss"),
    [
        ("from torch.nn import functional as F", "F.cross_entropy"),
        ("from torch import nn", "nn.CrossEntropyLoss()"),
        ("from torch.nn.functional import cross_entropy", "cross_entropy"),
    ],
)
def test_a_loss_treats_each_position_as_an_example(imports: str, loss: str) -> None:
    """Without the slip, a cross-entropy takes logits and targets of any number of dimensions, flattened or not."""
    code = f"{imports}\ndef f(logits, targets):\n    return {loss}(logits, targets)\n"
    (slip,) = slips_of(code, "unflattened")
    logits, targets = torch.randn(2, 3, 5), torch.randint(5, (2, 3))
    expected = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    repaired = run(code, slip)["f"]
    for shaped in [(logits, targets), (logits.flatten(0, 1), targets), (logits, targets.flatten())]:
        torch.testing.assert_close(repaired(*shaped), expected)


def test_a_value_stays_in_the_graph() -> None:
    """Without the slip, `.item()` and its like leave a tensor as it is; each one is a slip by itself."""
    code = "def f(x):\n    y = x.detach()\n    return y.item(), x.data\n"
    slips = slips_of(code, "cut")
    assert [(slip.line, slip.source) for slip in slips] == [(2, "x.detach()"), (3, "y.item()"), (3, "x.data")]
    x = torch.tensor(2.0, requires_grad=True)
    assert all(value is x for value in run(code, *slips)["f"](x))
    number, _ = run(code, slips[0])["f"](x)
    assert number == 2.0


@pytest.mark.parametrize(
    ("problem", "returned_nothing", "is_wrong_type", "kinds"),
    [
        ("", True, True, {"no_return", "cut"}),
        ("TypeError: 'NoneType' object is not iterable", False, False, {"no_return"}),
        ("AttributeError: 'float' object has no attribute 'backward'", False, False, {"cut"}),
        ("RuntimeError: Expected target size [2, 5], got [2, 3]", False, False, {"transposed", "unflattened"}),
        ("NameError: name 'x' is not defined", False, False, set()),
        ("", False, False, set()),
    ],
)
def test_a_slip_is_looked_for_only_after_a_failure_like_it(
    problem: str, returned_nothing: bool, is_wrong_type: bool, kinds: set[str]
) -> None:
    """What a check saw decides which kinds of slip may explain it; wrong values never do."""
    assert symptoms_of(problem, returned_nothing, is_wrong_type) == kinds


def test_a_reply_of_another_form_contains_no_slips() -> None:
    """Slips survive the way from the far side, and a worker that answers anything else has named none."""
    slips = (Slip("cut", 3, 4, "f", "x.item()"),)
    assert from_plain(to_plain(slips)) == slips
    for odd in (None, 3, [3], [["cut", "3", 4, "f", "x"]], [["other", 3, 4, "f", "x"]], [["cut"]], {"cut": 3}):
        assert from_plain(odd) == ()


def test_what_passes_as_it_was_handed_in_passes(course: Course) -> None:
    """A slip is repaired for all later checks, but whoever's other lines counted on it loses nothing by that."""
    text = (course.solutions / "training_loop.py").read_text(encoding="utf-8").replace(".item()", "")
    text += (
        "\n\nwith_graph = calc_loss_batch\n\n\n"
        "def calc_loss_batch(input_batch, target_batch, model, device):\n"
        "    return with_graph(input_batch, target_batch, model, device).item()\n"
    )
    (result,) = grade(course, [alone(course, "training_loop", "ann", text)], trusted=True)
    checks = {check.id.rpartition("::")[2]: check for check in result.exercises["training_loop"].checks}
    assert checks["test_the_batch_loss_is_a_scalar_tensor"].rows[0].kind == "slip"
    assert checks["test_the_loader_loss_is_a_float"].status == "passed"
    assert checks["test_evaluation_returns_two_floats"].status == "passed"
    assert checks["test_training_returns_three_lists"].status == "failed"
    # Without the slip, the loader's loss is a tensor, but nobody handed that in.
    assert {mistake.name for check in checks.values() for mistake in check.mistakes} == set()
