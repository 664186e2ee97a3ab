"""What can be measured about attention modules as a whole: their parameters, sizes, dtypes, memory and batches.

As in `tests.visible.attention`, `num_heads` is None for `CausalAttention`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TypeVar

import torch

from grader.checks import Port, expect_any_tensor, expect_tensor, values
from grader.checks.facts import Fact
from grader.port import LearnerError
from grader.text import in_one_line
from tests.visible import attention

FLOAT64 = torch.float64
CLOSE = 1e-5
Heads = TypeVar("Heads", int, int | None)


def about(*, why: str, hint: str) -> Callable[[Callable[[Port, Heads], str | None]], Callable[[Heads], Fact]]:
    """Make a function that measures attention with any number of heads into one that makes a fact for a number."""

    def made(measure: Callable[[Port, Heads], str | None]) -> Callable[[Heads], Fact]:
        return lambda num_heads: Fact(measure.__name__, why, hint, lambda learner: measure(learner, num_heads))

    return made


def count(number: int, noun: str) -> str:
    """Write down a number of things."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@about(
    why="A module can be built for all sizes that the lesson allows, and has the parameters that it lists, no others.",
    hint="Which sizes do your layers get, which of them have a bias, and what becomes a parameter without being one?",
)
def parameters(learner: Port, num_heads: int | None) -> str | None:
    """Build modules of a few sizes, and compare their parameters with those of the lesson."""
    for d_in, width, bias in ((3, 2, False), (3, 2, True), (2, 4, False), (4, 2, False)):
        d_out = width * (num_heads or 1)
        sizes = f"d_in={d_in}, d_out={d_out}{f' and num_heads={num_heads}' if num_heads else ''}"
        sizes += ", and with qkv_bias=True" if bias else ""
        options = {"d_in": d_in, "d_out": d_out, "context_length": 3, "dropout": 0.0}
        options |= {"num_heads": num_heads} if num_heads else {}
        name = "MultiHeadAttention" if num_heads else "CausalAttention"
        try:
            found = learner.build(name, **options, **({"qkv_bias": True} if bias else {})).parameters()
        except LearnerError as error:
            return f"With {sizes}, your module can't be built: it raises {in_one_line(error)}."
        wanted = attention.parameter_shapes(d_in, d_out, num_heads=num_heads, qkv_bias=bias)
        missing = [key for key in wanted if key not in found]
        extra = [key for key, parameter in found.items() if key not in wanted and parameter.trainable]
        if len(missing) == len(extra) > 0:
            return None  # other names for the same parameters: the check that is about names says so
        if missing:
            more = ": is it the same object as another one?" if missing[0].endswith(".weight") else ""
            return f"With {sizes}, your module has no parameter `{missing[0]}` of its own{more or '.'}"
        if extra:
            return f"With {sizes}, your module has a parameter `{extra[0]}` that it shouldn't have."
        for key, shape in wanted.items():
            if tuple(found[key].value.shape) != shape:
                return f"With {sizes}, `{key}` has the shape {tuple(found[key].value.shape)}, expected {shape}."
            if not found[key].trainable:
                return f"`{key}` can't be trained: its requires_grad is False."
    return None


@about(
    why="Any number of sequences is allowed, and any number of tokens up to context_length.",
    hint="Which dimension of x is which, and which sizes does your code take from context_length?",
)
def sizes(learner: Port, num_heads: int | None) -> str | None:
    """Try all small sizes, and see with which the module raises an exception or returns another shape."""
    d_out = 2 * (num_heads or 1)
    tried = list(itertools.product((2, 1), (3, 1, 4), (0, 2)))
    right, wrong = [], []
    for batch, tokens, spare in tried:
        try:
            module = attention.build(learner, attention.draw(3, d_out, 1), tokens + spare, num_heads=num_heads)
            output = module(values(batch, tokens, 3, seed=2))
        except LearnerError as error:
            wrong.append(((batch, tokens, spare), f"raises {str(error).partition(':')[0]}"))
            continue
        shape = tuple(output.shape) if isinstance(output, torch.Tensor) else ()
        if shape == (batch, tokens, d_out):
            right.append((batch, tokens, spare))
        else:
            wrong.append(((batch, tokens, spare), f"returns the shape {shape}, expected {(batch, tokens, d_out)}"))
    if not right or not wrong:
        return None
    names = ("batch", "tokens", "context_length beyond that")
    differing = [
        (good, bad, what)
        for (bad, what), good in itertools.product(wrong, right)
        if sum(one != other for one, other in zip(good, bad, strict=True)) == 1
    ]
    if not differing:
        return None
    good, bad, what = differing[0]
    place = next(number for number in range(3) if good[number] != bad[number])
    if names[place] == "batch":
        return f"With {count(bad[0], 'sequence')} in the batch, your module {what}; with {good[0]}, it works."
    if names[place] == "tokens":
        return f"With {count(bad[1], 'token')}, your module {what}; with {good[1]}, it works."
    tokens = bad[1]
    return (
        f"With {count(tokens, 'token')} and context_length={tokens + bad[2]}, your module {what}; with "
        f"context_length={tokens + good[2]}, it works."
    )


@about(
    why="The output has the dtype of the input, once the module is in that dtype; and the input stays as it is.",
    hint="Where does your forward choose a dtype, or write into a tensor that it was given?",
)
def form(learner: Port, num_heads: int | None) -> str | None:
    """Look at the output's dtype, and at the input after the call, with as many features in it as in the output."""
    d_out = 2 * (num_heads or 1)
    x = values(1, 3, d_out, seed=4)
    for dtype in (FLOAT64, torch.float32):
        module = attention.build(learner, attention.draw(d_out, d_out, 1), 3, num_heads=num_heads, dtype=dtype)
        kept = learner.put(x.to(dtype))
        got = module(kept)
        where = "After .double()" if dtype is FLOAT64 else "As it is built"
        if isinstance(got, torch.Tensor) and got.dtype is not dtype:
            return f"{where}, your module returns {str(got.dtype)[6:]} for an input in {str(dtype)[6:]}."
        if not torch.equal(expect_any_tensor(kept.value()), x.to(dtype)):
            return f"After the call, the input of shape {tuple(x.shape)} has other numbers in it."
    return None


@about(
    why="A call depends on its input and on the parameters, not on the calls before it.",
    hint="What does your module keep after a call?",
)
def memory(learner: Port, num_heads: int | None) -> str | None:
    """Compare a new module with one that was called before, with more tokens and with as many."""
    d_out = 2 * (num_heads or 1)
    drawn = attention.draw(3, d_out, 1, scale=1.0)
    for training in (False, True):
        for tokens, earlier in ((2, 3), (2, 2), (1, 2)):
            x = values(1, tokens, 3, seed=2)
            new, used = (attention.build(learner, drawn, 4, num_heads=num_heads) for _ in range(2))
            if training:
                new, used = new.train(), used.train()
            used(values(1, earlier, 3, seed=5))
            wanted, got = (expect_tensor(module(x), (1, tokens, d_out), FLOAT64) for module in (new, used))
            if not torch.allclose(got, wanted, atol=CLOSE):
                return (
                    f"In {'training' if training else 'evaluation'} mode, the output for {count(tokens, 'token')} is "
                    f"another one after a call with {earlier} other tokens: your module remembers something."
                )
    return None


@about(
    why="Each sequence of a batch is a text of its own.",
    hint="The batch is the first dimension. Does anything sum, flatten or take a softmax over it?",
)
def batches(learner: Port, num_heads: int | None) -> str | None:
    """Ask for a sequence by itself, and in a batch with another one."""
    drawn = attention.draw(3, 2 * (num_heads or 1), 1, scale=1.0)
    module = attention.build(learner, drawn, 3, num_heads=num_heads)
    x = values(2, 3, 3, seed=2)
    shape = (3, 2 * (num_heads or 1))
    alone = [expect_tensor(module(x[row : row + 1]), (1, *shape), FLOAT64)[0] for row in (0, 1)]
    both = expect_tensor(module(x), (2, *shape), FLOAT64)
    other = next((row for row in (0, 1) if not torch.allclose(both[row], alone[row], atol=CLOSE)), None)
    if other is None:
        return None
    return (
        f"Sequence {other} of a batch comes out differently than by itself: its output depends on the other sequence."
    )
