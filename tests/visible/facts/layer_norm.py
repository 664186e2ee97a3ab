"""What can be measured about `layer_norm`, the most basic facts first."""

from __future__ import annotations

import itertools
import math

import torch
import torch.nn.functional as F

from grader.checks import Handle, Port, fact, values
from tests.visible.facts import layers
from tests.visible.facts.layers import FLOAT64, alike, close, name_of, show
from tests.visible.norms import norm_of

ROWS = [torch.tensor([row], dtype=FLOAT64) for row in ([6.0, 9.0, 1.0, 3.0, 2.0], [2.0, 8.0, 1.0, 3.0])]
"""Two rows, whose mean, median, first number and so on all differ."""
ITSELF = "Each token is normalized with its own mean and its own variance, over its features."


def _set(learner: Port, scale: list[float], shift: list[float]) -> Handle:
    """Build a layer whose `scale` and `shift` are these."""
    scale_and_shift = (torch.tensor(numbers, dtype=FLOAT64) for numbers in (scale, shift))
    return norm_of(learner, len(scale), **dict(zip(("scale", "shift"), scale_and_shift, strict=True)))


@fact(
    why="The layer learns one number to multiply by and one number to add for each feature.",
    hint="Which parameters does your constructor register, under which names, and how long are they?",
)
def parameters(learner: Port) -> str | None:
    """List the parameters for two widths."""
    for emb_dim in (3, 5):
        found = learner.build("LayerNorm", emb_dim=emb_dim).parameters()
        trainable = [name for name, parameter in found.items() if parameter.trainable]
        for name in ("scale", "shift"):
            if name not in found:
                return f"Your layer has no parameter `{name}`; its parameters are: {', '.join(found) or 'none'}."
            if name not in trainable:
                return f"Your parameter `{name}` can't be trained: its requires_grad is False."
            shape = tuple(found[name].value.shape)
            if shape != (emb_dim,):
                return f"With emb_dim={emb_dim}, your `{name}` has shape {shape}, expected ({emb_dim},)."
        if len(trainable) > 2:
            extra = ", ".join(f"`{name}`" for name in trainable if name not in ("scale", "shift"))
            return f"Besides `scale` and `shift`, your layer has trainable parameters that it shouldn't have: {extra}."
    return None


@fact(
    why="A new layer only normalizes: each `scale` is 1, and each `shift` is 0.",
    hint="With which numbers do you create the parameters?",
)
def starts(learner: Port) -> str | None:
    """Read the parameters of new layers of two widths."""
    for emb_dim, (name, start) in itertools.product((3, 5), (("scale", 1.0), ("shift", 0.0))):
        found = learner.build("LayerNorm", emb_dim=emb_dim).parameters()[name].value.double()
        if not close(found, start):
            return f"With emb_dim={emb_dim}, your `{name}` starts as {show(found)}, expected {start:g} everywhere."
    return None


@fact(
    why="Each layer has its own parameters; a model has many layers.",
    hint="Where do you create the parameters: for each object, or once?",
)
def sharing(learner: Port) -> str | None:
    """Change the parameters of one layer, and read those of another."""
    first, second = learner.build("LayerNorm", emb_dim=3), learner.build("LayerNorm", emb_dim=3)
    for name in ("scale", "shift"):
        before = second.parameters()[name].value
        first.set_parameters({name: torch.full_like(before, 7.0)})
        if not close(second.parameters()[name].value, before):
            return f"Two layers share `{name}`: if it changes in one, it changes in the other."
    return None


@fact(
    why="The output has the shape and dtype of the input.",
    hint="Follow shape and dtype line by line through `forward`.",
)
def form(learner: Port) -> str | None:
    """Look at the output for a single row, in both dtypes."""
    for dtype in (FLOAT64, torch.float32):
        norm = learner.build("LayerNorm", emb_dim=3)
        got = layers.answer(norm.double() if dtype == FLOAT64 else norm, torch.tensor([[1.0, 2.0, 6.0]], dtype=dtype))
        if isinstance(got, str):
            return f"For one row of 3 features in {str(dtype)[6:]}, your layer {got}."
    return None


@fact(
    why="The output depends only on the input and on the parameters, in training mode and in evaluation mode.",
    hint="What does your layer keep from call to call, and does it ask for its mode?",
)
def memory(learner: Port) -> str | None:
    """Compare new layers with used ones, in both modes."""
    x, other = torch.tensor([[1.0, 2.0, 6.0]], dtype=FLOAT64), torch.tensor([[8.0, -2.0, 0.0]], dtype=FLOAT64)

    def new() -> Handle:
        return _set(learner, [2.0, -1.0, 0.5], [1.0, 0.0, -1.0])

    fresh, again = (layers.output(new().train(), x) for _ in range(2))
    evaluated = layers.output(new().eval(), x)
    if fresh is None or again is None or evaluated is None:
        return None
    if not close(fresh, again):
        return f"The row {show(x)} comes out as {show(fresh)} and, from a layer just like it, as {show(again)}."
    for training, expected in ((True, fresh), (False, evaluated)):
        norm = new().train()
        norm(other)
        got = layers.output(norm if training else norm.eval(), x)
        if got is not None and not close(got, expected):
            mode = "training" if training else "evaluation"
            return (
                f"In {mode} mode, the row {show(x)} comes out as {show(expected)} from a new layer, and as {show(got)} "
                "after a call with another row: your layer remembers something."
            )
    if not close(fresh, evaluated):
        modes = f"{show(fresh)} in training mode, and as {show(evaluated)} in evaluation mode"
        return f"The row {show(x)} comes out as {modes}, expected the same."
    return None


@fact(why=ITSELF, hint="Over which dimension do you take the mean and the variance, and does it stay there?")
def mixing(learner: Port) -> str | None:
    """Change other tokens, and see whether the first one's output changes, and whether its mean does."""
    fails = ""
    for shape in ((2, 3, 4), (1, 3, 4), (3, 3, 3), (2, 4), (3, 3)):
        x = values(*shape, seed=1)
        norm = norm_of(learner, shape[-1])
        before = layers.answer(norm, x)
        if isinstance(before, str):
            fails = fails or f"; with shape {shape}, your layer {before}"
            continue
        changes, centered = [], True
        for name, changed in layers.others(x if len(shape) == 3 else x[None]):
            after = layers.output(norm, changed.view(shape))
            first = (0,) * (len(shape) - 1)
            if after is not None and not close(after[first], before[first]):
                centered &= all(close(out[first].mean(), 0.0) for out in (before, after))
                changes.append(name if len(shape) == 3 else "other rows")
        if changes:
            more = "; its mean stays 0, so it's the variance" if centered else ""
            return (
                f"With an input of shape {shape}, the first token's output changes if you change only "
                f"{' or '.join(changes)}{more}{fails}."
            )
    return None


@fact(
    why="Feature by feature, the normalized number is multiplied by `scale`, and then `shift` is added.",
    hint="What happens to the normalized numbers in your last line?",
)
def scaling(learner: Port) -> str | None:
    """Set `scale` to 2, to 3, and to different numbers, with `shift` 0, and see by what the output is multiplied."""
    x = ROWS[1]
    plain = layers.output(_set(learner, [1.0] * 4, [0.0] * 4), x)
    if plain is None or plain.abs().min() < 1e-3:
        return None
    different = [2.0, -1.0, 3.0, 0.5]
    uneven = layers.output(_set(learner, different, [0.0] * 4), x)
    even = [layers.output(_set(learner, [number] * 4, [0.0] * 4), x) for number in (2.0, 3.0)]
    factors = [got / plain for got in even if got is not None]
    if uneven is None or len(factors) < 2:
        return None
    if all(close(factor, factor[0, 0]) for factor in factors):
        found = [float(factor[0, 0]) for factor in factors]
        if not all(map(alike, found, (2.0, 3.0))):
            if alike(found[0], 1.0) and alike(found[1], 1.0):
                used = not close(uneven, plain)
                more = ", but unequal numbers do: is it used before the normalization?" if used else "."
                return f"Setting all of `scale` to 2 instead of 1 doesn't change your output{more}"
            formulas = {
                "the square of `scale`": (4.0, 9.0),
                "the root of `scale`": (math.sqrt(2), math.sqrt(3)),
                "1 divided by `scale`": (1 / 2, 1 / 3),
                "`scale`, subtracted from 0": (-2.0, -3.0),
                "the exponential of `scale`, compared with that of 1": (math.e, math.e**2),
                "half of 1 + `scale`": (1.5, 2.0),
                "the sum of 4 numbers of `scale`, squared": (16.0, 36.0),
            }
            name = name_of(found, formulas)
            more = f"; {found[0]:.4g} is {name}" if name else ""
            return f"With `scale` 2 instead of 1, your output is {found[0]:.4g} times as large, expected 2 times{more}."
    else:
        return f"With `scale` 2 and `shift` 0, {show(plain)} becomes {show(even[0])}, expected {show(2 * plain)}."
    if not close(uneven / plain, torch.tensor([different], dtype=FLOAT64)):
        return f"With `scale` {show(different)}, your features are multiplied by {show(uneven / plain)}."
    return None


@fact(
    why="`shift` is what's added at the end, after the multiplication by `scale`.",
    hint="In which order do you use the two parameters, and where?",
)
def shifting(learner: Port) -> str | None:
    """Set `shift` to different numbers, with `scale` 1 and with `scale` 2, and see what is added."""
    x, shift = ROWS[1], [3.0, -1.0, 2.0, 1.0]
    for scale in (1.0, 2.0):
        without = layers.output(_set(learner, [scale] * 4, [0.0] * 4), x)
        got = layers.output(_set(learner, [scale] * 4, shift), x)
        if got is None or without is None:
            return None
        if not close(got - without, torch.tensor([shift], dtype=FLOAT64)):
            added = "nothing" if close(got, without) else show(got - without)
            return f"With `scale` {scale:g} and `shift` {show(shift)}, what you add to the features is {added}."
    zeros = layers.output(_set(learner, [0.0] * 4, shift), x)
    if zeros is not None and not close(zeros, torch.tensor([shift], dtype=FLOAT64)):
        return f"With `scale` 0, your output is {show(zeros)}, expected `shift`, which is {show(shift)}."
    return None


def _line(learner: Port, x: torch.Tensor) -> tuple[float, float] | None:
    """Feed a row three times; return what is subtracted and the divisor, None if the output has another form."""
    got = layers.output(norm_of(learner, x.shape[-1]), x.repeat(3, 1))
    if got is None or got.max() - got.min() < 1e-6:
        return None
    divisor = float((x[0, 0] - x[0, 1]) / (got[0, 0] - got[0, 1]))
    mean = float(x[0, 0] - divisor * got[0, 0])
    return (mean, divisor) if close(got, (x - mean) / divisor) else None


@fact(
    why="After the mean is subtracted, each vector has mean 0.",
    hint="What exactly do you subtract from x, and from which x?",
)
def subtracted(learner: Port) -> str | None:
    """Find the number that is subtracted, for two rows; with `scale` 1 and `shift` 0, outputs lie on a line."""
    found = [_line(learner, x) for x in ROWS]
    if any(line is None for line in found):
        return None
    numbers = [line[0] for line in found if line]
    means = [float(x.mean()) for x in ROWS]
    if all(abs(number - mean) < 1e-3 for number, mean in zip(numbers, means, strict=True)):
        return None
    if all(abs(number) < 1e-3 for number in numbers):
        return f"You subtract nothing from the row {show(ROWS[0])}, expected its mean, {means[0]:.4g}."
    formulas = {
        "the median": [float(x.median()) for x in ROWS],
        "the largest number": [float(x.max()) for x in ROWS],
        "the smallest number": [float(x.min()) for x in ROWS],
        "the middle between the smallest and the largest": [float(x.max() + x.min()) / 2 for x in ROWS],
        "the first number": [float(x[0, 0]) for x in ROWS],
        "the last number": [float(x[0, -1]) for x in ROWS],
        "the sum": [float(x.sum()) for x in ROWS],
        "the sum divided by n - 1": [float(x.sum()) / (x.shape[-1] - 1) for x in ROWS],
        "the sum divided by n + 1": [float(x.sum()) / (x.shape[-1] + 1) for x in ROWS],
        "the mean of the squares": [float(x.pow(2).mean()) for x in ROWS],
        "the root of the mean of the squares": [float(x.pow(2).mean().sqrt()) for x in ROWS],
        "the square of the mean": [mean**2 for mean in means],
        "minus the mean: you add it": [-mean for mean in means],
        "twice the mean": [2 * mean for mean in means],
        "half of the mean": [mean / 2 for mean in means],
    }
    name = name_of(numbers, formulas)
    more = f"; {numbers[0]:.4g} is {name}" if name else ""
    return f"From the row {show(ROWS[0])} you subtract {numbers[0]:.4g}, expected its mean, {means[0]:.4g}{more}."


@fact(
    why="The variance is the mean of the squared distances from the mean, and its square root is the divisor.",
    hint="Compute your divisor by hand for a row of two numbers, step by step.",
)
def divisor(learner: Port) -> str | None:
    """Find the number that the centered row is divided by, for two rows."""
    found = [_line(learner, x) for x in ROWS]
    if any(line is None for line in found):
        return None
    numbers = [line[1] for line in found if line]
    spreads = [float(x.var(unbiased=False).sqrt()) for x in ROWS]
    if all(math.isclose(number, spread, rel_tol=1e-3) for number, spread in zip(numbers, spreads, strict=True)):
        return None
    lengths = [x.shape[-1] for x in ROWS]
    sums = [spread**2 * length for spread, length in zip(spreads, lengths, strict=True)]
    centered = [x - x.mean() for x in ROWS]
    formulas = {
        "1: you don't divide": [1.0 for _ in ROWS],
        "the variance itself": [spread**2 for spread in spreads],
        "1/√variance: you multiply by the root": [1 / spread for spread in spreads],
        "1/variance: you multiply by it": [1 / spread**2 for spread in spreads],
        "minus the root": [-spread for spread in spreads],
        "the fourth root of the variance": [math.sqrt(spread) for spread in spreads],
        "the square of the variance": [spread**4 for spread in spreads],
        "the variance with n - 1": [total / (n - 1) for total, n in zip(sums, lengths, strict=True)],
        "the root of the variance with n - 1": [
            math.sqrt(total / (n - 1)) for total, n in zip(sums, lengths, strict=True)
        ],
        "the root of the variance with n + 1": [
            math.sqrt(total / (n + 1)) for total, n in zip(sums, lengths, strict=True)
        ],
        "the root of the variance with n - 2": [
            math.sqrt(total / (n - 2)) for total, n in zip(sums, lengths, strict=True)
        ],
        "the root of the sum of squares: it isn't divided by n": [math.sqrt(total) for total in sums],
        "the sum of squares": sums,
        "the root of the sum of squares divided by 3, the number of tokens": [math.sqrt(total / 3) for total in sums],
        "the root divided by n": [spread / n for spread, n in zip(spreads, lengths, strict=True)],
        "the root of the variance divided by n once more": [
            spread / math.sqrt(n) for spread, n in zip(spreads, lengths, strict=True)
        ],
        "n times the root": [spread * n for spread, n in zip(spreads, lengths, strict=True)],
        "the root of x's mean square, without subtracting the mean": [float(x.pow(2).mean().sqrt()) for x in ROWS],
        "the mean square of x": [float(x.pow(2).mean()) for x in ROWS],
        "the length of x as a vector": [float(x.norm()) for x in ROWS],
        "the mean distance from the mean": [float(x.abs().mean()) for x in centered],
        "the sum of the distances from the mean": [float(x.abs().sum()) for x in centered],
        "the largest distance from the mean": [float(x.abs().max()) for x in centered],
        "the largest number minus the smallest": [float(x.max() - x.min()) for x in ROWS],
        "the largest number": [float(x.max()) for x in ROWS],
        "the sum of x": [float(x.sum()) for x in ROWS],
        "the mean of x": [float(x.mean()) for x in ROWS],
        "1 + the root": [1 + spread for spread in spreads],
        "the root of 1 + variance": [math.sqrt(1 + spread**2) for spread in spreads],
        "n": [float(n) for n in lengths],
        "√n": [math.sqrt(n) for n in lengths],
    }
    name = next((text for text, others in formulas.items() if _near(numbers, others)), "")
    more = f"; {numbers[0]:.4g} is {name}" if name else ""
    return (
        f"The row {show(ROWS[0])}, minus its mean, is divided by {numbers[0]:.4g}, "
        f"expected {spreads[0]:.4g}, the square root of its variance{more}."
    )


def _near(numbers: list[float], others: list[float]) -> bool:
    """Compare more generously, because eps is in the numbers, and nobody knows where."""
    return all(math.isclose(number, other, rel_tol=1e-3) for number, other in zip(numbers, others, strict=True))


@fact(
    why="eps is added to the variance, under the root, so that a row of equal numbers isn't divided by zero.",
    hint="How large is your eps, and to what do you add it?",
)
def eps(learner: Port) -> str | None:
    """Feed rows (a, -a) with small variances, and compare with a large one: that shows what is added."""
    same = layers.answer(norm_of(learner, 3), torch.full((1, 3), 4.0, dtype=FLOAT64))
    if isinstance(same, torch.Tensor) and not close(same, 0.0):
        return f"A row of three 4s comes out as {show(same)}, expected zeros."
    norm, signs = norm_of(learner, 2), torch.tensor([[1.0, -1.0]], dtype=FLOAT64)
    large = layers.output(norm, 100 * signs)
    variances = (1e-5, 1e-3, 1e-7)
    got = [layers.output(norm, signs * variance**0.5) for variance in variances]
    if large is None or large[0, 0] < 0.1 or any(out is None or out[0, 0] <= 0 for out in got):
        return None
    ratios = [float(out[0, 0] / large[0, 0]) for out in got if out is not None]
    wanted = [1 / math.sqrt(1 + 1e-5 / variance) for variance in variances]
    if all(math.isclose(ratio, want, rel_tol=1e-3) for ratio, want in zip(ratios, wanted, strict=True)):
        return None
    row = f"The row {show(signs * variances[0] ** 0.5)}, whose variance is 1e-05, comes out as {show(got[0])}"
    under = [variance * (1 / ratio**2 - 1) for variance, ratio in zip(variances, ratios, strict=True)]
    outside = [variance**0.5 * (1 / ratio - 1) for variance, ratio in zip(variances, ratios, strict=True)]
    told = f"{row}, expected ±{float(large[0, 0]) * wanted[0]:.4g}"
    if all(abs(number) < 1e-9 for number in under):
        return f"{row}: nothing is added to the variance, expected 1e-05."
    if all(math.isclose(number, under[0], rel_tol=0.02) for number in under):
        return f"{told}: your eps is {under[0]:.2g}, expected 1e-05."
    if all(math.isclose(number, outside[0], rel_tol=0.02) for number in outside):
        return f"{told}: you add {outside[0]:.2g} to the root, expected 1e-05 under the root."
    return f"{told}, because eps doubles the variance of this row."


@fact(
    why="Adding the same number to every feature changes nothing, because the mean is subtracted.",
    hint="Do you subtract two large numbers from each other to get the variance?",
)
def far_from_zero(learner: Port) -> str | None:
    """Add 500 to each number of a row."""
    x = torch.tensor([[0.7, 1.9, 3.1, 5.3]], dtype=FLOAT64)
    norm = norm_of(learner, 4)
    near, far = layers.output(norm, x), layers.output(norm, x + 500)
    if near is None or far is None or (near - far).abs().max() < 1e-3:
        return None
    return f"The row {show(x)} comes out as {show(near)}. With 500 added to each number, it comes out as {show(far)}."


@fact(
    why="The caller still needs x, for example for the shortcut around the layer.",
    hint="Which of your operations write into a tensor instead of making a new one?",
)
def input_kept(learner: Port) -> str | None:
    """Read the input after a call."""
    x = torch.tensor([[1.0, 2.0, 6.0]], dtype=FLOAT64)
    kept = learner.put(x)
    norm_of(learner, 3)(kept)
    after = kept.value()
    if isinstance(after, torch.Tensor) and after.shape == x.shape and not torch.equal(after, x):
        return f"You change your input: {show(x)} is {show(after)} after the call."
    return None


@fact(
    why="The mean and the variance depend on x, too, and each parameter's gradient sums up over all tokens.",
    hint="Is anything detached or computed without gradients? If you wrote a backward pass, check each of its terms.",
)
def gradients(learner: Port) -> str | None:
    """Compare gradients with the slopes of the output."""
    x = torch.tensor([[1.0, 2.0, 6.0], [4.0, 1.0, 2.5]], dtype=FLOAT64)
    parameters = {"scale": [2.0, 0.5, 3.0], "shift": [1.0, -1.0, 0.5]}
    drawn = {name: torch.tensor(numbers, dtype=FLOAT64) for name, numbers in parameters.items()}
    norm = learner.build("LayerNorm", emb_dim=3).double().eval()
    if found := layers.wrong_gradient(norm, x, drawn):
        return f"{found} Here, `scale` is {show(parameters['scale'])}."
    norm = learner.build("LayerNorm", emb_dim=3).double().train()
    found = layers.wrong_gradient(norm, x[None], drawn)
    return f"In training mode, with x of shape (1, 2, 3): {found}" if found else None


@fact(
    why="The last dimension holds the features, whatever comes before it.",
    hint="Go through `forward` with this shape, and write down the shape of each line.",
)
def shapes(learner: Port) -> str | None:
    """Compare with the definition for inputs of many shapes, the smallest first."""
    works = ""
    for shape in ((1, 3), (1, 2), (2, 3), (3, 3), (3,), (1, 1, 3), (2, 3, 4), (4, 3, 2), (2, 1, 2, 3), (1, 1), (2, 64)):
        norm, width = norm_of(learner, shape[-1]), shape[-1]
        x = torch.arange(1.0, math.prod(shape) + 1, dtype=FLOAT64).view(shape) % 7 * 1.5
        found = layers.difference(norm, x, F.layer_norm(x, (width,)))
        if found:
            return f"With an input of shape {shape}, your layer {found}{works and f'; {works} works'}."
        works = works or str(shape)
    return None


@fact(
    why="The same numbers give the same output, however they lie in memory, whatever came before, and in any dtype.",
    hint="What does your code assume about its input besides its numbers?",
)
def circumstances(learner: Port) -> str | None:
    """Compare with the definition in evaluation mode, after a call of another shape, not contiguous, in float32."""
    scale, shift, x = values(3, seed=2), values(3, seed=3), values(2, 2, 3, seed=4)
    expected = F.layer_norm(x, (3,), scale, shift, 1e-5)

    def norm() -> Handle:
        return norm_of(learner, 3, scale=scale, shift=shift)

    if found := layers.difference(norm(), x, expected):
        return f"With `scale` {show(scale)} and `shift` {show(shift)}, your layer {found}."
    if found := layers.difference(norm().eval(), x, expected):
        return f"In evaluation mode, your layer {found}."
    used = norm()
    used(x[:1, :1])
    if found := layers.difference(used, x, expected):
        return f"After a call with shape (1, 1, 3), your layer, given shape (2, 2, 3), {found}."
    got = norm()(learner.put(x, strided=True))
    if isinstance(got, torch.Tensor) and got.shape == x.shape and not close(got, expected):
        return "For an input that isn't contiguous in memory, your output is another one."
    for size in (1e-2, 1e3):
        if found := layers.difference(norm(), size * x, F.layer_norm(size * x, (3,), scale, shift, 1e-5)):
            return f"For numbers of about {size:g}, your layer {found}."
    single = learner.build("LayerNorm", emb_dim=3)
    if found := layers.difference(single, x.float(), F.layer_norm(x.float(), (3,))):
        return f"In float32, your layer {found}."
    return None
