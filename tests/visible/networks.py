"""What the checks of `shortcuts` share: networks whose numbers are easy to follow, and lines of print_gradients."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from grader.checks import Handle, Layer, Port, expect, last_number, sizes, values
from grader.learner.probes import Layers

FLOAT64 = torch.float64
LAYERS = range(5)
WEIGHTS = tuple(f"layers.{k}.0.weight" for k in LAYERS)
EQUAL = (2,) * 6
LARGE = 10.0
"""GELU leaves a number as large as this unchanged, in both of its forms."""
GELU_FORMS = ("tanh", "none")
"""Both are right: the approximation with tanh, and the exact one, as torch names them."""


def shapes_of(widths: Sequence[int]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a network's parameters by name."""
    shapes: dict[str, tuple[int, ...]] = {}
    for k, (d_in, d_out) in enumerate(pairwise(widths)):
        shapes |= {f"layers.{k}.0.weight": (d_out, d_in), f"layers.{k}.0.bias": (d_out,)}
    return shapes


NETWORK = Layer(
    build=lambda port, size: port.build(
        "ExampleDeepNeuralNetwork", layer_sizes=list(size["widths"]), use_shortcut=size["use_shortcut"]
    ),
    sizes={"batch": sizes(1, 3), "widths": st.tuples(*[sizes(1, 3)] * 6), "use_shortcut": st.booleans()},
    inputs=lambda size, seed: values(size["batch"], size["widths"][0], seed=seed),
    shapes=lambda size: shapes_of(size["widths"]),
    output=lambda size: (size["batch"], size["widths"][-1]),
    dims=("row", "feature"),
    random_start=True,
)


def network_of(
    port: Port, widths: Sequence[int], use_shortcut: bool, weight: float = 0.0, biases: Sequence[float] = (0.0,) * 5
) -> Handle:
    """Build a network in which every feature of a layer is `weight` times the first feature before, plus the bias."""
    parameters = {name: torch.zeros(shape, dtype=FLOAT64) for name, shape in shapes_of(widths).items()}
    for k, bias in zip(LAYERS, biases, strict=True):
        parameters[f"layers.{k}.0.weight"][:, 0] = weight
        parameters[f"layers.{k}.0.bias"][:] = bias
    size = {"widths": widths, "use_shortcut": use_shortcut}
    return NETWORK.built(port, size, parameters)


def computed(
    x: torch.Tensor, parameters: Mapping[str, torch.Tensor], use_shortcut: bool, approximate: str
) -> torch.Tensor:
    """Compute a network's output on this side, with one of the two forms of GELU."""
    for k in LAYERS:
        before = F.linear(x, parameters[f"layers.{k}.0.weight"], parameters[f"layers.{k}.0.bias"])
        output = F.gelu(before, approximate=approximate)
        x = output + x if use_shortcut and output.shape == x.shape else output
    return x


def closest(got: torch.Tensor, candidates: Sequence[torch.Tensor]) -> int:
    """Return which of the right answers is the closest to what came."""
    distances = [float((got - candidate.to(got.dtype)).abs().max()) for candidate in candidates]
    return distances.index(min(distances))


def plain_weights(widths: Sequence[int], seed: int) -> dict[str, torch.Tensor]:
    """Draw parameters for the probe `Layers`, in float32, with which its gradients are large numbers."""
    shapes = shapes_of(widths)
    return {name: 1.0 + values(*shape, seed=seed + n).float() / 4 for n, (name, shape) in enumerate(shapes.items())}


def gradient_means(widths: Sequence[int], parameters: Mapping[str, torch.Tensor], x: torch.Tensor) -> dict[str, float]:
    """Work out on this side what print_gradients should print for the probe `Layers`."""
    twin = Layers(widths)
    twin.load_state_dict(dict(parameters))
    torch.autograd.backward(twin(x).square().sum())
    return {name: float(twin.get_parameter(name).grad.abs().mean()) for name in WEIGHTS}  # type: ignore[union-attr]


def printed_lines(
    port: Port, widths: Sequence[int], parameters: Mapping[str, torch.Tensor], x: torch.Tensor
) -> dict[str, list[str]]:
    """Call print_gradients for the probe `Layers`, and find the lines with the name of each parameter."""
    model = port.probe("Layers", widths=list(widths)).set_parameters(parameters)
    lines = port.printed("print_gradients", model, x).splitlines()
    return {name: [line for line in lines if _contains(line, name)] for name in parameters}


def _contains(line: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\.?\w)", line) is not None


def expect_lines_of_weights(lines: Mapping[str, Sequence[str]]) -> None:
    """Fail unless each weight has one line, and no bias has one."""
    for name, found in lines.items():
        expected = int("weight" in name)
        got = "1 line" if len(found) == 1 else f"{len(found)} lines"
        expect(
            len(found) == expected, got=got, expected="1 line" if expected else "none", where=f"with the name {name}"
        )


def number_in(lines: Sequence[str], name: str) -> tuple[float, float]:
    """Return the last number of a parameter's line, and how far the printed form may be from the number itself."""
    text = last_number(lines[0]) if lines else ""
    got = repr(lines[0][:100]) if lines else "no such line"
    expect(bool(text), got=got, expected=f"a line with {name}, and a number at its end")
    mantissa, _, exponent = text.lower().partition("e")
    return float(text), 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def expect_number_in(lines: Sequence[str], name: str, expected: float, where: str) -> None:
    """Fail unless the last number of a parameter's line is this one, rounded like what was printed."""
    number, rounding = number_in(lines, name)
    close = abs(number - expected) <= rounding + 3e-5 * abs(expected)
    expect(close, got=f"{number:.6g} for {name}", expected=f"{expected:.6g}", where=where)
