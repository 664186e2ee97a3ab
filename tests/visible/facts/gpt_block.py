"""What can be measured about `gpt_block`: first GELU, then the feed-forward network, then the block.

The block is measured with parts that do something simple: all parameters of a silent part are zero, so it adds nothing,
and a part whose last bias is the only other parameter adds this bias. What the block's norms, its attention and its
feed-forward network give is asked from the norms, the attention and the `FeedForward` that the learner's code uses.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping

import torch
import torch.nn.functional as F

from grader.checks import Port, fact, values
from grader.port import LearnerError
from grader.port.port import ParameterInfo
from grader.text import in_one_line
from tests.visible.blocks import built, config, drawn, feed_forward_shapes, shapes_of
from tests.visible.facts import layers
from tests.visible.facts.layers import FLOAT64, close, show

WIDTH = 4
Vector = torch.Tensor
CURVE = torch.tensor([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 0.75, 3.0], dtype=FLOAT64)
ROOT = math.sqrt(2 / math.pi)
LIKE = {
    "x itself: there's no activation": lambda x: x,
    "ReLU": F.relu,
    "SiLU, x times the sigmoid of x": F.silu,
    "the exact GELU, with the error function": F.gelu,
    "the tanh form of GELU": lambda x: F.gelu(x, approximate="tanh"),
    "x times the sigmoid of 1.702 x": lambda x: x * torch.sigmoid(1.702 * x),
    "the sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "ELU": F.elu,
    "softplus": F.softplus,
    "leaky ReLU": F.leaky_relu,
    "Mish": F.mish,
    "ReLU squared": lambda x: F.relu(x) ** 2,
}
STREAM = "The stream goes through the block: each half adds its part to it, and nothing else touches it."


@fact(
    why="A model builds every block from one cfg, with any numbers of features and heads, and with or without biases.",
    hint="The last frame of the error is the line to look at.",
)
def construction(learner: Port) -> str | None:
    """Build objects from several settings."""
    for name, changes in (
        ("GELU", {}),
        ("FeedForward", {}),
        ("TransformerBlock", {}),
        ("FeedForward", {"emb_dim": 6}),
        ("TransformerBlock", {"emb_dim": 6}),
        ("TransformerBlock", {"n_heads": 2}),
        ("TransformerBlock", {"qkv_bias": True}),
        ("TransformerBlock", {"drop_rate": 0.1}),
        ("TransformerBlock", {"n_layers": 3}),
    ):
        cfg = config(**{"emb_dim": WIDTH, **changes})
        try:
            learner.build(name, **({} if name == "GELU" else {"cfg": cfg})).parameters()
        except LearnerError as error:
            settings = ", ".join(f"{key}={value}" for key, value in (changes or {"emb_dim": WIDTH}).items())
            where = name if name == "GELU" else f"{name} with {settings}"
            return f"If it's built, {where} raises {in_one_line(error)}."
    return None


def _wrong_parameters(
    found: Mapping[str, ParameterInfo], expected: dict[str, tuple[int, ...]], what: str
) -> str | None:
    for name, shape in expected.items():
        if name not in found:
            same = name.startswith("norm2") and name.replace("norm2", "norm1") in found
            more = ": is `norm2` the same module as `norm1`?" if same else ""
            similar = [other for other in found if other not in expected]
            has = f"; it has {', '.join(f'`{other}`' for other in similar[:4])}" if similar else ""
            return f"{what} has no parameter `{name}`{more or has + '.'}"
        if not found[name].trainable:
            return f"{what} can't train `{name}`: its requires_grad is False."
        if tuple(found[name].value.shape) != shape:
            return f"{what} has a `{name}` of shape {tuple(found[name].value.shape)}, expected {shape}."
    extra = [f"`{name}`" for name, parameter in found.items() if parameter.trainable and name not in expected]
    return f"{what} has parameters that it shouldn't have: {', '.join(extra[:4])}." if extra else None


@fact(
    why="GPT-2's hidden layer is four times as wide as its input, and its weights are found by name: `layers.0`, "
    "`layers.2`.",
    hint="Compare the names and the shapes of your parameters with those in the docstring.",
)
def feed_forward_parameters(learner: Port) -> str | None:
    """List the parameters for two widths, with and without qkv_bias."""
    both = [learner.build("FeedForward", cfg=config(emb_dim)).parameters().get("layers.0.weight") for emb_dim in (3, 5)]
    shapes = [tuple(weight.value.shape) for weight in both if weight is not None]
    widths = [shape[0] for shape, emb_dim in zip(shapes, (3, 5), strict=False) if shape[1:] == (emb_dim,)]
    if len(widths) == 2 and widths != [12, 20]:
        times = f": that's {widths[0] // 3} · emb_dim" if widths[0] * 5 == widths[1] * 3 and widths[0] % 3 == 0 else ""
        return (
            f"Your hidden layer has {widths[0]} numbers with emb_dim=3, and {widths[1]} with emb_dim=5{times}; "
            "expected 12 and 20 = 4 · emb_dim."
        )
    for emb_dim, qkv_bias in itertools.product((3, 5), (False, True)):
        found = learner.build("FeedForward", cfg=config(emb_dim, qkv_bias=qkv_bias)).parameters()
        shown = f"With emb_dim={emb_dim} and qkv_bias={qkv_bias}, your FeedForward"
        if wrong := _wrong_parameters(found, feed_forward_shapes(emb_dim), shown):
            return wrong
    return None


@fact(
    why="The block's parameters are those of its attention, its feed-forward network and two norms.",
    hint="Which modules does your constructor create, under which names, and with which settings?",
)
def block_parameters(learner: Port) -> str | None:
    """List the parameters, with and without qkv_bias."""
    for qkv_bias in (False, True):
        found = learner.build("TransformerBlock", cfg=config(WIDTH, qkv_bias=qkv_bias)).parameters()
        if wrong := _wrong_parameters(found, shapes_of(WIDTH, qkv_bias), f"With qkv_bias={qkv_bias}, your block"):
            return wrong
    return None


@fact(why="GELU keeps the shape and the dtype of its input.", hint="Which of your tensors has another shape or dtype?")
def gelu_form(learner: Port) -> str | None:
    """Look at GELU's output for several shapes, in both dtypes."""
    for shape, dtype in itertools.product(((3,), (1, 2, 3), ()), (torch.float32, FLOAT64)):
        got = layers.answer(learner.build("GELU"), torch.ones(shape, dtype=dtype))
        if isinstance(got, str):
            return f"For shape {shape} in {str(dtype)[6:]}, your GELU {got}."
    return None


@fact(
    why="GELU works on each number by itself, and gives the same in every call.",
    hint="Does your GELU combine its numbers, or keep anything?",
)
def gelu_elementwise(learner: Port) -> str | None:
    """Compare GELU for one number with GELU for it among others."""
    alone = layers.output(learner.build("GELU").double(), CURVE[5:6])
    for mode in ("training", "evaluation"):
        gelu = learner.build("GELU").double()
        among = layers.output(gelu.train() if mode == "training" else gelu.eval(), CURVE)
        if alone is not None and among is not None and not close(among[5:6], alone):
            return f"In {mode} mode, GELU(1) is {show(alone)} for 1 by itself, and {show(among[5:6])} among others."
    return None


@fact(
    why="GELU(x) is 0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))).",
    hint="Compute GELU(1) by hand, from the inside outward, and compare each step with your code's.",
)
def gelu_curve(learner: Port) -> str | None:
    """Compare GELU's curve with others, and read the numbers inside the tanh from two of its values."""
    got = layers.output(learner.build("GELU").double(), CURVE)
    if got is None:
        return None
    expected = F.gelu(CURVE, approximate="tanh")
    # The exact GELU is off by up to 0.0005.
    if (got - expected).abs().max() < 2e-6:
        return None
    inner = ROOT * (CURVE + 0.044715 * CURVE**3)
    changed = {
        "2 · GELU: is the factor 0.5 there?": 2 * expected,
        "0.5 · x · tanh(…): the 1 is missing": 0.5 * CURVE * torch.tanh(inner),
        "0.5 · (1 + tanh(…)): the x in front is missing": 0.5 * (1 + torch.tanh(inner)),
        "0.5 · x · (1 - tanh(…))": 0.5 * CURVE * (1 - torch.tanh(inner)),
        "0.5 · x · (1 + sigmoid(…))": 0.5 * CURVE * (1 + torch.sigmoid(inner)),
        "0.5 · x + tanh(…)": 0.5 * CURVE + torch.tanh(inner),
        "0.5 · (x + tanh(…))": 0.5 * (CURVE + torch.tanh(inner)),
        "0.5 · x · 1 + tanh(…)": 0.5 * CURVE * 1 + torch.tanh(inner),
        "x · tanh(…)": CURVE * torch.tanh(inner),
        "x + 0.5 · x · (1 + tanh(…))": CURVE + expected,
        "minus GELU": -expected,
        "0.5 · x · (1 + …), without the tanh": 0.5 * CURVE * (1 + inner),
    }
    named = {name: function(CURVE) for name, function in LIKE.items()} | changed
    at = int((got - expected).abs().argmax())
    told = f"Your GELU({CURVE[at]:g}) is {got[at]:.4g}, expected {expected[at]:.4g}"
    for name, curve in named.items():
        if (got - curve).abs().max() < 2e-6:
            return f"{told}; your curve is that of {name}."
    return f"{told}{_inside(got)}."


@fact(
    why="Far from 0, GELU(x) is x on the right and 0 on the left, but not abruptly: GELU(-3.5) is -0.0006.",
    hint="What does your code compute for -4, for 20 and for -20, in float32 too?",
)
def gelu_tails(learner: Port) -> str | None:
    """Look at numbers far from 0, in both dtypes."""
    x = torch.tensor([-3.2, 3.2, -3.5, 3.5, -4.5, 6.0, -15.0, 15.0, 30.0, -50.0, 90.0], dtype=FLOAT64)
    for dtype in (FLOAT64, torch.float32):
        gelu = learner.build("GELU")
        got = layers.answer(gelu.double() if dtype is FLOAT64 else gelu, x.to(dtype))
        if isinstance(got, str):
            return None
        expected = F.gelu(x, approximate="tanh")
        wrong = ~torch.isclose(got.double(), expected, rtol=1e-5, atol=1e-5)
        if wrong.any():
            at = int(wrong.nonzero()[0])
            return f"In {str(dtype)[6:]}, your GELU({x[at]:g}) is {got[at]:.4g}, expected {expected[at]:.4g}."
    return None


def _inside(got: Vector) -> str:
    """Describe what's inside the tanh if 0.5 · x · (1 + tanh(…)) is right around it."""
    gate = 2 * got / CURVE - 1
    used = [2, 4, 5, 6]  # -0.5, 0.5, 1 and 0.75; at ±3, the tanh is too close to 1
    if not all(-0.99999 < gate[k] < 0.99999 for k in used):
        return ""
    inner = torch.atanh(gate)
    for power in (3, 2, 4, 5):
        x, y = CURVE[4], CURVE[5]
        cubic = (inner[5] * x - inner[4] * y) / (y**power * x - x**power * y)
        linear = (inner[5] - cubic * y**power) / y
        fit = linear * CURVE + cubic * CURVE**power
        if not (inner - fit)[[2, 6]].abs().max() < 2e-5:
            continue
        constants = {
            "2/π": 2 / math.pi,
            "√2/π": math.sqrt(2) / math.pi,
            "√(2π)": math.sqrt(2 * math.pi),
            "√(π/2)": math.sqrt(math.pi / 2),
            "√(1/π)": math.sqrt(1 / math.pi),
            "√2": math.sqrt(2),
            "√π": math.sqrt(math.pi),
            "1": 1.0,
            "half of √(2/π)": ROOT / 2,
            "2 · √(2/π)": ROOT * 2,
            "1/√2": math.sqrt(0.5),
        }
        factor = next((f" = {name}" for name, number in constants.items() if abs(number - linear) < 1e-5), "")
        right = abs(linear - ROOT) < 1e-5
        sign = "+" if cubic >= 0 else "-"
        share = abs(cubic / linear) if linear else abs(cubic)
        if abs(linear) < 1e-9:
            return f"; inside the tanh is {cubic:.5g} · x^{power}"
        if right and power == 3 and abs(cubic - 0.044715) < 1e-5:
            return "; inside the tanh, √(2/π) multiplies only x, and not 0.044715 · x³"
        return (
            f"; inside the tanh is {linear:.5g}{'' if right else factor} times (x {sign} {share:.5g} · x^{power}), "
            f"expected {ROOT:.5g} = √(2/π) times (x + 0.044715 · x^3)"
        )
    return ""


@fact(
    why="The caller still needs the input: GELU and FeedForward make new tensors, and the block keeps x as it was.",
    hint="Which operation writes into a tensor that came from outside? `+=`, `*=` and names that end in `_` do.",
)
def input_kept(learner: Port) -> str | None:
    """Read the input after a call."""
    x = values(1, 2, WIDTH, seed=1)
    for name in ("GELU", "FeedForward", "TransformerBlock"):
        module = learner.build(name).double() if name == "GELU" else built(learner, name)
        kept = learner.put(x)
        try:
            module(kept)
        except LearnerError:
            continue
        after = kept.value()
        if isinstance(after, torch.Tensor) and after.shape == x.shape and not torch.equal(after, x):
            return f"{name} changes its input: {show(x[0, 0])} is {show(after[0, 0])} after the call."
    return None


@fact(
    why="A module keeps nothing from call to call, and each object has its own parameters.",
    hint="What do your modules store on self, or outside, and who else uses it?",
)
def memory(learner: Port) -> str | None:
    """Compare calls with one another, and look at a block while another one's parameters change."""
    x, other = values(1, 2, WIDTH, seed=1), values(1, 3, WIDTH, seed=2)
    for name in ("FeedForward", "TransformerBlock"):
        module = built(learner, name)
        before = layers.output(module.set_parameters(drawn(module, 1)), x)
        if before is None:
            return None
        again = layers.output(module, x)
        if again is not None and not close(again, before):
            return f"In evaluation mode, the same {name} gives another output for the same input."
        if layers.output(module, other) is not None:
            after = layers.output(module, x)
            if after is not None and not close(after, before):
                return f"{name} gives {show(before[0, 0])} for an input, and {show(after[0, 0])} after another call."
        second = built(learner, name)
        second.set_parameters(drawn(second, 2))
        if not close(layers.output(module, x), before):
            return f"Two objects of {name} share parameters: changing those of one changes the other's output."
    return None


@fact(why="One dict serves every block of a model.", hint="Which lines of your constructors write into `cfg`?")
def cfg_kept(learner: Port) -> str | None:
    """Read cfg after objects were built."""
    cfg = config(drop_rate=0.1)
    for name in ("FeedForward", "TransformerBlock"):
        kept = learner.put(cfg)
        learner.build(name, cfg=kept).parameters()
        after = kept.value()
        if isinstance(after, dict) and after != cfg:
            changed = sorted(key for key in {*cfg, *after} if cfg.get(key) != after.get(key))
            return f"Building a {name} changes these entries of cfg: {', '.join(changed)}."
    return None


@fact(
    why="Feed-forward works on each token by itself, and gives the same in training mode: dropout is the block's task.",
    hint="Look at which layers FeedForward has, and at the dimension they work on.",
)
def feed_forward_alone(learner: Port) -> str | None:
    """Change other tokens, and the mode."""
    x = values(2, 3, WIDTH, seed=1)
    ff = built(learner, "FeedForward", drop_rate=0.5)
    weights = drawn(ff, 1)
    before = layers.output(ff.set_parameters(weights), x)
    if before is None:
        return None
    for name, changed in layers.others(x):
        after = layers.output(ff, changed)
        if after is not None and not close(after[0, 0], before[0, 0]):
            return f"In FeedForward, the first token's output changes if you change only {name}."
    trained = layers.output(ff.train(), x)
    if trained is not None and not close(trained, before):
        hidden = {name: torch.zeros_like(value) for name, value in weights.items() if name == "layers.2.weight"}
        fixed = layers.output(ff.set_parameters(hidden), x)
        outside = fixed is not None and not close(fixed, weights["layers.2.bias"])
        where = "after the second linear layer" if outside else "before the second linear layer"
        again = layers.output(ff.set_parameters(weights), x)
        random = again is not None and not close(again, trained)
        did = "drops numbers at random" if random else "gives another output than in evaluation mode"
        return f"In training mode with drop_rate=0.5, FeedForward {did}, {where}."
    return None


def _simple(learner: Port, x: Vector, **changes: Vector) -> Vector | None:
    """Return FeedForward's output with weights of 1 on the diagonal and biases of 0, except for what is given."""
    ff = built(learner, "FeedForward")
    weights = {
        name: torch.eye(*shape, dtype=FLOAT64) if len(shape) == 2 else torch.zeros(shape, dtype=FLOAT64)
        for name, shape in feed_forward_shapes(WIDTH).items()
    }
    return layers.output(ff.set_parameters(weights | {name.replace("_", "."): v for name, v in changes.items()}), x)


@fact(
    why="FeedForward is linear, your GELU, linear, with nothing before, between or after.",
    hint="Go through FeedForward's forward step by step: what happens to a number?",
)
def feed_forward_parts(learner: Port) -> str | None:
    """Let the linear layers change nothing, so that the activation is seen; then let only a bias be there."""
    x = torch.tensor([[[-1.0, 0.5, 1.0, 2.0]]], dtype=FLOAT64)
    bias = torch.tensor([1.0, -0.5, 2.0, 0.7], dtype=FLOAT64)
    gelu = learner.build("GELU").double()
    activated, of_bias = layers.output(gelu, x), layers.output(gelu, bias.view(1, 1, -1))
    if activated is None or of_bias is None:
        return None
    twice = layers.output(gelu, activated)
    nothing = torch.zeros(WIDTH, 4 * WIDTH, dtype=FLOAT64)
    got = _simple(learner, x, layers_2_weight=nothing, layers_2_bias=bias)
    if got is not None and not close(got, bias.view_as(got)):
        known = {
            "GELU of it": of_bias,
            "ReLU of it": F.relu(bias),
            "x added to it": x + bias,
            "twice the bias": 2 * bias,
            "0": torch.zeros(WIDTH),
        }
        name = next((text for text, vector in known.items() if close(got, vector)), "")
        more = f": that's {name}" if name else ""
        return (
            f"If the second linear layer has zero weights and the bias {show(bias)}, FeedForward returns "
            f"{show(got)} for x = {show(x)}, expected the bias{more}."
        )
    got = _simple(learner, x)
    if got is not None and not close(got, activated):
        named = {name: function(x) for name, function in LIKE.items()}
        named |= {"GELU + x": activated + x, "GELU of GELU": x if twice is None else twice}
        name = next((text for text, vector in named.items() if close(got, vector)), "")
        more = f": that's {name}" if name else ""
        return (
            f"If both linear layers pass their numbers on, FeedForward turns {show(x)} into {show(got)}, "
            f"expected your GELU of them, {show(activated)}{more}."
        )
    wide = torch.zeros(4 * WIDTH, dtype=FLOAT64)
    wide[:WIDTH] = bias
    got = _simple(learner, x, layers_0_weight=torch.zeros(4 * WIDTH, WIDTH, dtype=FLOAT64), layers_0_bias=wide)
    if got is not None and not close(got, of_bias):
        return (
            f"If the first linear layer has zero weights and begins its bias with {show(bias)}, and the second passes "
            f"numbers on, FeedForward returns {show(got)}, expected GELU of them, {show(of_bias)}."
        )
    return None


@fact(
    why="FeedForward is `layers.0`, your GELU and `layers.2`, for any number of texts, tokens and features.",
    hint="Write down the shape of each line of FeedForward's forward for this input.",
)
def feed_forward_whole(learner: Port) -> str | None:
    """Compare with linear, the learner's GELU, linear, for several shapes."""
    for shape in ((1, 1, 2), (1, 2, 3), (2, 1, 3), (2, 3, 4), (1, 5, 3), (2, 7, 4), (1, 18, 3)):
        ff, x = built(learner, "FeedForward", shape[-1]), values(*shape, seed=1)
        weights = drawn(ff, 1)
        widened = F.linear(x, weights["layers.0.weight"], weights["layers.0.bias"])
        activated = layers.output(learner.build("GELU").double(), widened)
        if activated is None:
            return None
        expected = F.linear(activated, weights["layers.2.weight"], weights["layers.2.bias"])
        if found := layers.difference(ff.set_parameters(weights), x, expected):
            return f"For an input of shape {shape}, FeedForward {found}."
    return None


@fact(why="A block keeps the shape of its input.", hint="Write down the shape of each line of the block's forward.")
def block_form(learner: Port) -> str | None:
    """Look at the block's output for small inputs, the smallest first."""
    works = ""
    for shape, heads in itertools.product(((1, 1, WIDTH), (1, 2, WIDTH), (2, 1, WIDTH), (2, 3, WIDTH)), (1, 2)):
        block = built(learner, n_heads=heads)
        got = layers.answer(block.set_parameters(drawn(block, 1)), values(*shape, seed=1))
        if isinstance(got, str):
            return f"For shape {shape} and n_heads={heads}, your block {got}{works and f'; {works} works'}."
        works = works or f"shape {shape} with n_heads={heads}"
    longest = values(1, 6, WIDTH, seed=1)
    if isinstance(got := layers.answer(built(learner, n_layers=2), longest), str):
        return f"With context_length=6 and emb_dim=4, your block {got} for a text of 6 tokens; 3 tokens work."
    return None


@fact(
    why="A token's output depends on itself and on the tokens before it in its text, on nothing else.",
    hint="Which lines change shapes or take means over other dimensions than the last?",
)
def mixing(learner: Port) -> str | None:
    """Change all but the first token of the first text, with and without attention; then all but the last text."""
    x = values(3, 3, WIDTH, seed=1)
    for silent in (("att",), ()):
        block = built(learner)
        before = layers.output(block.set_parameters(drawn(block, 1, silent=silent)), x)
        for name, changed in layers.others(x):
            after = layers.output(block, changed)
            if before is not None and after is not None and not close(after[0, 0], before[0, 0]):
                more = ", even if attention has zero weights" if silent else ""
                return f"In your block, the first token's output changes if you change only {name}{more}."
    x = values(3, 3, WIDTH, seed=1)
    changed = torch.cat([2.0 * x[:2].flip(-1) + 1.0, x[2:]])
    block = built(learner)
    before = layers.output(block.set_parameters(drawn(block, 1)), x)
    after = layers.output(block, changed)
    if before is not None and after is not None and not close(after[2], before[2]):
        return "In your block, the last text's output changes if you change only other texts."
    return None


class Parts:
    """A block in evaluation mode, and what its norms, its attention and its feed-forward network do.

    Attributes:
        weights: a value for each of the block's parameters.
    """

    def __init__(self, learner: Port, emb_dim: int = WIDTH, **changes: int | bool) -> None:
        self.learner, self.emb_dim = learner, emb_dim
        self.cfg = config(emb_dim, **changes)
        self.block = built(learner, "TransformerBlock", emb_dim, **changes)
        self.weights = drawn(self.block, 1)

    def give(self, x: Vector, att: Vector | bool = False, ff: Vector | bool = False) -> Vector:
        """Return the block's output; a part is whole (True), silent (False), or adds only a vector."""
        weights = dict(self.weights)
        for part, last, kind in (("att", "att.out_proj.bias", att), ("ff", "ff.layers.2.bias", ff)):
            if kind is not True:
                weights |= {name: torch.zeros_like(v) for name, v in weights.items() if name.startswith(f"{part}.")}
            if isinstance(kind, torch.Tensor):
                weights[last] = kind
        got = layers.output(self.block.set_parameters(weights), x)
        if got is None:
            raise LearnerError(self.learner.transcript[-1], "no output")
        return got

    def part(self, name: str, x: Vector, heads: int | None = None) -> Vector:
        """Return what `norm1`, `norm2`, `att` or `ff` gives for x, with the block's weights."""
        if name == "ff":
            module = built(self.learner, "FeedForward", self.emb_dim)
        elif name == "att":
            settings = {"d_in": self.emb_dim, "d_out": self.emb_dim, "context_length": self.cfg["context_length"]}
            settings |= {"dropout": 0.0, "num_heads": heads or self.cfg["n_heads"], "qkv_bias": self.cfg["qkv_bias"]}
            module = self.learner.build_from("multi_head_attention", "MultiHeadAttention", **settings).double().eval()
        else:
            module = self.learner.build_from("layer_norm", "LayerNorm", emb_dim=self.emb_dim).double()
        own = {key.removeprefix(f"{name}."): v for key, v in self.weights.items() if key.startswith(f"{name}.")}
        got = layers.output(module.set_parameters(own), x)
        if got is None:
            raise LearnerError(self.learner.transcript[-1], "no output")
        return got

    def normed(self, named: dict[str, Vector]) -> dict[str, Vector]:
        """Return vectors by name, together with what each of the two norms makes of them."""
        norms = itertools.product(("norm1", "norm2"), named.items())
        return named | {f"{norm}({text})": self.part(norm, vector) for norm, (text, vector) in norms}

    def of(self, part: str, named: dict[str, Vector]) -> dict[str, Vector]:
        """Return what attention or feed-forward makes of vectors, by name."""
        return {f"{part}({text})": self.part(part, vector) for text, vector in named.items()}


def _sums(named: dict[str, Vector], most: int) -> Iterator[tuple[str, Vector]]:
    """Yield sums of these vectors by name, the shortest first."""
    for count in range(1, most + 1):
        for chosen in itertools.combinations_with_replacement(named.items(), count):
            yield " + ".join(text for text, _ in chosen), sum((vector for _, vector in chosen), torch.zeros(()))


def _told(got: Vector, expected: str, wanted: Vector, known: Iterator[tuple[str, Vector]], x: Vector) -> str | None:
    """Say what came instead of the expected, by name if it is known."""
    if close(got, wanted):
        return None
    if close(got, torch.zeros_like(got)):
        return f"your block returns zeros, expected {expected}."
    for name, vector in known:
        if close(got, vector):
            return f"your block returns {name}, expected {expected}."
        for text, factor in (("0.5", 0.5), ("√½", math.sqrt(0.5)), ("√2", math.sqrt(2)), ("-1", -1.0)):
            if close(got, factor * vector):
                factored = f"({name})" if " + " in name else name
                return f"your block returns {text} · {factored}, expected {expected}."
    return f"your block returns {show(got[0, 0])} for x = {show(x[0, 0])}, expected {expected} = {show(wanted[0, 0])}."


ONE = values(1, 1, WIDTH, seed=3)
A, B = values(WIDTH, seed=6), values(WIDTH, seed=7)
ZERO = torch.zeros_like(ONE)


@fact(why=STREAM, hint="Follow x through the two shortcuts only. Is it normalized or scaled, or does it get lost?")
def silent(learner: Port) -> str | None:
    """Let attention and feed-forward add nothing."""
    parts = Parts(learner)
    named = parts.normed(parts.normed({"x": ONE, "0": ZERO}))
    del named["0"]
    got = parts.give(ONE)
    if close(got, ZERO):
        if close(parts.give(ONE, att=A), A.view_as(ONE)):
            return "x gets lost: if attention always returns the vector a, your block returns a, expected x + a."
        if close(parts.give(ONE, att=A), ZERO):
            return (
                "If feed-forward adds nothing (its weights are 0), your block returns zeros, whatever attention adds."
            )
    told = _told(got, "x", ONE, _sums(named, 3), ONE)
    return told and f"If attention and feed-forward add nothing (all of their weights are 0), {told}"


@fact(why=STREAM, hint="Follow what each branch returns: where is it added, and how often?")
def additions(learner: Port) -> str | None:
    """Let each branch add one vector, and see where it arrives."""
    parts = Parts(learner)
    a, b = A.view_as(ONE), B.view_as(ONE)
    if not close(parts.give(ONE), ONE):
        return None
    base = parts.normed({"x": ONE, "a": a, "x + a": ONE + a})
    known = itertools.chain([("x - a", ONE - a), ("x · a", ONE * a)], _sums(base, 3))
    told = _told(parts.give(ONE, att=A), "x + a", ONE + a, known, ONE)
    if told:
        return f"If attention always returns the vector a and feed-forward adds nothing, {told}"
    base = parts.normed({"x": ONE, "b": b, "x + b": ONE + b})
    known = itertools.chain([("x - b", ONE - b), ("x · b", ONE * b)], _sums(base, 3))
    told = _told(parts.give(ONE, ff=B), "x + b", ONE + b, known, ONE)
    if told:
        return f"If feed-forward always returns the vector b and attention adds nothing, {told}"
    told = _told(parts.give(ONE, att=A, ff=B), "x + a + b", ONE + a + b, _sums({"x": ONE, "a": a, "b": b}, 4), ONE)
    return told and f"If attention always returns the vector a, and feed-forward the vector b, {told}"


@fact(
    why="Pre-norm: each branch reads the stream through its own norm, `norm1` before attention, `norm2` before "
    "feed-forward.",
    hint="What do you hand to each branch, and what does the stream hold at that point?",
)
def branches(learner: Port) -> str | None:
    """Let one branch work on a single token, and find out what it reads."""
    parts = Parts(learner)
    if not close(parts.give(ONE), ONE):
        return None
    inputs = parts.normed(parts.normed({"x": ONE, "0": ZERO}))
    for part, norm, other in (("att", "norm1", "feed-forward"), ("ff", "norm2", "attention")):
        works = parts.of(part, inputs)
        known = {"x": ONE, **works, **parts.normed(works), **parts.of(part, parts.normed(works))}
        wanted = ONE + works[f"{part}({norm}(x))"]
        got = parts.give(ONE, att=part == "att", ff=part == "ff")
        told = _told(got, f"x + {part}({norm}(x))", wanted, _sums(known, 2), ONE)
        if told:
            return f"For one token, if {other} adds nothing, {told}"
    return None


@fact(
    why="The halves come one after the other: feed-forward reads the sum of x and what attention added.",
    hint="What is in x when the second half begins, and what does its shortcut hold?",
)
def order(learner: Port) -> str | None:
    """Let both branches work, and find out what feed-forward reads."""
    parts = Parts(learner)
    first = parts.part("att", parts.part("norm1", ONE))
    alone = ONE + parts.part("ff", parts.part("norm2", ONE))
    later = alone + parts.part("att", parts.part("norm1", alone))
    middle = ONE + first
    reads = parts.normed({"x": ONE, "a": first, "x + a": middle, "norm1(x)": parts.part("norm1", ONE)})
    shortcuts = {"x + a": middle, "x": ONE, "a": first, "2 · x + a": middle + ONE}
    got = parts.give(ONE, att=True, ff=True)
    wanted = middle + parts.part("ff", reads["norm2(x + a)"])
    if close(got, later) and not close(got, wanted):
        return "For one token, your block gives what it would give if feed-forward came first, and attention second."
    works = parts.of("ff", reads)

    def known() -> Iterator[tuple[str, Vector]]:
        for (shortcut, vector), (work, added) in itertools.product(shortcuts.items(), works.items()):
            yield f"{shortcut} + {work}", vector + added

    told = _told(got, "x + a + ff(norm2(x + a))", wanted, known(), ONE)
    return told and f"For one token, with a = att(norm1(x)), {told}"


@fact(
    why="`n_heads` says how many heads attention has.", hint="Which entry of cfg do you hand to attention as num_heads?"
)
def heads(learner: Port) -> str | None:
    """Compare the block with attention of other numbers of heads; two heads are asked for."""
    parts, x = Parts(learner, 12, n_heads=2, n_layers=3), values(1, 3, 12, seed=1)
    normed = parts.part("norm1", x)
    got = parts.give(x, att=True) - x
    if close(got, parts.part("att", normed)):
        return None
    for number in (1, 3, 4, 6, 12):
        if close(got, parts.part("att", normed, number)):
            more = " (n_layers is 3)" if number == 3 else ""
            return f"With n_heads=2, your attention works like one with {number} head{'s' * (number > 1)}{more}."
    return None


def _dropped(learner: Port, branch: str, rate: float, *, training: bool) -> tuple[Vector, float] | None:
    """Let a branch add 1 to each number, and return what's added in a mode, and how often it's 0."""
    block = built(learner, emb_dim=8, drop_rate=rate)
    weights = drawn(block, 0, silent=("att", "ff"))
    bias = {"attention": "att.out_proj.bias", "feed-forward": "ff.layers.2.bias"}[branch]
    weights[bias] = torch.ones_like(weights[bias])
    block.set_parameters(weights)
    got = layers.output(block.train() if training else block, torch.zeros(40, 4, 8, dtype=FLOAT64))
    return None if got is None else (got, float((got.abs() < 1e-9).double().mean()))


@fact(why="In evaluation mode, nothing is dropped.", hint="Who tells your dropout about the mode?")
def evaluation(learner: Port) -> str | None:
    """Compare blocks with and without a drop rate in evaluation mode."""
    x = values(2, 3, WIDTH, seed=1)
    block, dropping = built(learner), built(learner, drop_rate=0.5)
    weights = drawn(block, 1)
    expected = layers.output(block.set_parameters(weights), x)
    got = layers.output(dropping.set_parameters(weights), x)
    if expected is None:
        return None
    if got is not None and not close(got, expected):
        again = layers.output(dropping, x)
        if again is not None and not close(again, got):
            return "In evaluation mode with drop_rate=0.5, your block still drops numbers at random."
        return "In evaluation mode, your block gives another output with drop_rate=0.5 than with drop_rate=0."
    return None


@fact(
    why="Dropout acts on what each branch adds: each number is 0 at the rate, the others are divided by 1 - rate.",
    hint="Which dropout do you call, on what, and with which rate was it made?",
)
def dropout(learner: Port) -> str | None:
    """Let each branch add ones, and count what's left in training mode, for two rates."""
    x = values(2, 3, WIDTH, seed=1)
    block = built(learner, drop_rate=0.5)
    got = layers.output(block.set_parameters(drawn(block, 1, silent=("att", "ff"))).train(), x)
    if got is not None and not close(got, x):
        return (
            f"In training mode with drop_rate=0.5, the stream is dropped, too: if the branches add nothing, "
            f"{show(x[0, 0])} comes out as {show(got[0, 0])}."
        )
    for branch, rate in itertools.product(("attention", "feed-forward"), (0.25, 0.75)):
        whole, found = (_dropped(learner, branch, rate, training=mode) for mode in (False, True))
        if whole is None or found is None or not close(whole[0], 1.0):
            return None
        added, share = found
        where = f"In training mode with drop_rate={rate}"
        gone = added.abs() < 1e-9
        for kind, dim in (("all features of a token", 2), ("all tokens of a text", 1), ("all texts", 0)):
            if 0.02 < share < 0.98 and (gone == gone.narrow(dim, 0, 1)).all():
                return f"{where}, what {branch} adds is dropped for {kind} together, not number by number."
        if abs(share - rate) > 0.1:
            formulas = {
                ", as if it were dropped twice": 1 - (1 - rate) ** 2,
                ", which is about 1 - drop_rate": 1 - rate,
            }
            more = next((text for text, number in formulas.items() if abs(share - number) < 0.06), "")
            return f"{where}, {share:.0%} of what {branch} adds is dropped{more}; expected {rate:.0%}."
        kept = added[~gone]
        if not close(kept, 1 / (1 - rate)):
            return (
                f"{where}, what is kept of what {branch} adds is multiplied by {kept[0]:.4g}, "
                f"expected {1 / (1 - rate):.4g} = 1/(1 - {rate})."
            )
    return None


@fact(
    why="Attention drops some of its weights, and the rate is the same: `drop_rate`.",
    hint="What do you hand to attention as `dropout`?",
)
def dropout_inside(learner: Port) -> str | None:
    """Feed texts of one token, whose only weight is dropped or not, and let the values be ones."""
    for rate in (0.25, 0.75):
        block = built(learner, emb_dim=32, drop_rate=rate, qkv_bias=True)
        weights = drawn(block, 0, silent=("att", "ff"))
        weights["att.W_value.bias"] = torch.ones(32, dtype=FLOAT64)
        weights["att.out_proj.weight"] = torch.eye(32, dtype=FLOAT64)
        got = layers.output(block.set_parameters(weights).train(), torch.zeros(300, 1, 32, dtype=FLOAT64))
        if got is None:
            return None
        share = float((got.abs() < 1e-9).all(dim=-1).double().mean())
        if abs(share - rate) > 0.15:
            return f"With drop_rate={rate}, attention itself drops {share:.0%} of its weights, expected {rate:.0%}."
    return None


@fact(
    why="Dropout draws again for each call and for each branch.",
    hint="Where is the mask drawn, and who draws it?",
)
def dropout_again(learner: Port) -> str | None:
    """Compare what two calls drop."""
    block = built(learner, emb_dim=8, drop_rate=0.5)
    weights = drawn(block, 0, silent=("att", "ff"))
    weights["ff.layers.2.bias"] = torch.ones(8, dtype=FLOAT64)
    x = torch.zeros(2, 3, 8, dtype=FLOAT64)
    first, second = (layers.output(block.set_parameters(weights).train(), x) for _ in range(2))
    if first is not None and second is not None and torch.equal(first, second):
        return "In training mode, a second call drops exactly the numbers that the first one dropped."
    weights["att.out_proj.bias"] = torch.ones(8, dtype=FLOAT64)
    both = layers.output(block.set_parameters(weights).train(), x)
    if both is not None and set(both.flatten().round(decimals=4).tolist()) == {0.0, 4.0}:
        return "In training mode, the numbers dropped from attention and from feed-forward are the same."
    return None


@fact(
    why="Dropout acts on what a branch returns, not on what it reads.",
    hint="In which lines of forward do you call dropout?",
)
def dropout_place(learner: Port) -> str | None:
    """Feed the same token many times, and see whether a branch adds anything but its usual numbers, or zeros."""
    for part, branch in (("ff", "feed-forward"), ("att", "attention")):
        block = built(learner, drop_rate=0.5)
        weights = drawn(block, 1, silent=("att" if part == "ff" else "ff",))
        usual = layers.output(block.set_parameters(weights), ONE)
        got = layers.output(block.train(), ONE.repeat(60, 1, 1))
        if usual is None or got is None:
            return None
        whole = usual - ONE
        possible = (ZERO, 2 * whole)
        if part == "att":  # it drops this token's only weight, or doubles it, before it adds its bias
            bias = weights["att.out_proj.bias"]
            possible = (ZERO, 2 * bias.view_as(ONE), 4 * whole - 2 * bias)
        right = torch.stack([torch.isclose(got - ONE, number, rtol=1e-3, atol=1e-3) for number in possible])
        if not right.any(dim=0).all():
            return (
                f"In training mode with drop_rate=0.5, what {branch} adds and keeps isn't the "
                "usual times 2: something that it reads is dropped, too."
            )
    return None


@fact(
    why="With a rate of 0, nothing is dropped, so both modes are the same.",
    hint="What in your block asks for the mode, and what does it do then?",
)
def training(learner: Port) -> str | None:
    """Compare the modes of a block without dropout."""
    block, x = built(learner), values(2, 3, WIDTH, seed=1)
    expected = layers.output(block.set_parameters(drawn(block, 1)), x)
    got = layers.output(block.train(), x)
    if expected is not None and got is not None and not close(got, expected):
        return "With drop_rate=0, your block gives another output in training mode than in evaluation mode."
    return None


@fact(
    why="Gradients go through both shortcuts and both branches, to x and to every parameter.",
    hint="Is anything detached, turned into a plain number, or computed without gradients on that way?",
)
def gradients(learner: Port) -> str | None:
    """Compare gradients with slopes: of GELU, of FeedForward, of a block that adds nothing, and of a whole one."""
    gelu = learner.build("GELU").double()
    if found := layers.wrong_gradient(gelu, torch.tensor([-1.0, 0.5, 2.0], dtype=FLOAT64), {}):
        return f"In GELU: {found}"
    x = values(1, 2, 2, seed=1)
    ff = built(learner, "FeedForward", 2)
    if found := layers.wrong_gradient(ff, x, drawn(ff, 1)):
        return f"In FeedForward: {found}"
    block = built(learner, emb_dim=2)
    kept = block.set_parameters(drawn(block, 1, silent=("att", "ff"))).gradients(x, upstream=torch.ones_like(x))
    passed = kept.inputs[0]
    if passed is None or (isinstance(passed, torch.Tensor) and close(passed, 0.0)):
        bias = block.gradients(x, upstream=torch.ones_like(x)).parameters.get("att.out_proj.bias")
        which = "first" if bias is not None and bias.abs().max() > 0 else "second"
        return f"No gradient goes through the {which} shortcut to x."
    block = built(learner)
    if found := layers.wrong_gradient(block, values(1, 2, WIDTH, seed=1), drawn(block, 1)):
        return f"In your block: {found}"
    return None


@fact(
    why="A block is x + drop(att(norm1(x))), and then x + drop(ff(norm2(x))), for inputs of any size.",
    hint="Which line of the block depends on this size or on this setting?",
)
def whole(learner: Port) -> str | None:
    """Compare the block with what its parts give, for several sizes and settings."""
    settings: list[tuple[tuple[int, int, int], dict[str, int | bool]]] = [
        ((1, 1, WIDTH), {}),
        ((1, 3, WIDTH), {}),
        ((2, 1, WIDTH), {}),
        ((2, 3, WIDTH), {"n_heads": 2}),
        ((2, 3, 6), {"n_heads": 3, "qkv_bias": True}),
        ((1, 6, WIDTH), {}),
        ((3, 2, 8), {"context_length": 2, "n_layers": 4}),
    ]
    for shape, changes in settings:
        parts, x = Parts(learner, shape[-1], **changes), values(*shape, seed=1)
        middle = x + parts.part("att", parts.part("norm1", x))
        expected = middle + parts.part("ff", parts.part("norm2", middle))
        for strided in (False, True):
            module = parts.block.set_parameters(parts.weights)
            if strided:
                got = module(learner.put(x, strided=True))
                wrong = isinstance(got, torch.Tensor) and got.shape == x.shape and not close(got, expected)
                found = "gives another output if the input isn't contiguous in memory" if wrong else None
            else:
                found = layers.difference(module, x, expected)
            if found:
                with_these = "".join(f", {key}={value}" for key, value in changes.items())
                return f"For an input of shape {shape}{with_these}, your block {found}."
    return None
