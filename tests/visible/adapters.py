"""What the checks of `lora` share: how layers are built, models that are changed, and what should come out.

The factor c is `alpha` or `alpha / rank`; both are right. With rank 1, they agree. Otherwise, checks find out which one
a module uses (`measured_factor`, `rule_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from torch import nn

from grader.checks import Handle, Layer, Port, Size, expect, expect_parameters, expect_tensor, sizes, values
from grader.learner.probes import Nested
from grader.port import LearnerRaised
from grader.tolerance import FLOAT32

FLOAT64 = torch.float64
DIMS = ("row", "feature")
Rule = Callable[[int, float], float]
RULES: dict[str, Rule] = {"alpha": lambda rank, alpha: alpha, "alpha / rank": lambda rank, alpha: alpha / rank}
"""Both are right, in every layer the same: the factor by rank and alpha."""
ROUGHLY = FLOAT32
"""For whole models: what is computed in float32 in one layer needn't show when the model's input moves a little."""


def _matrices(size: Size) -> dict[str, tuple[int, ...]]:
    return {"A": (size["in_dim"], size["rank"]), "B": (size["rank"], size["out_dim"])}


def _all_shapes(size: Size) -> dict[str, tuple[int, ...]]:
    linear = {"linear.weight": (size["out_dim"], size["in_dim"])}
    bias = {"linear.bias": (size["out_dim"],)} if size["bias"] else {}
    return linear | bias | {f"lora.{name}": shape for name, shape in _matrices(size).items()}


def _input(size: Size, seed: int) -> torch.Tensor:
    return values(*size["lead"], size["in_dim"], seed=seed)


def _output_shape(size: Size) -> tuple[int, ...]:
    return (*size["lead"], size["out_dim"])


def linear_of(port: Port, in_dim: int, out_dim: int, bias: bool = True) -> Handle:
    """Make a linear layer on the far side."""
    return port.probe("Nested", parts={"layer": (in_dim, out_dim, bias)}).keep("get_submodule", "layer")


LORA = Layer(
    build=lambda port, size: port.build(
        "LoRALayer", **{name: size[name] for name in ("in_dim", "out_dim", "rank", "alpha")}
    ).eval(),
    sizes={"lead": (2,), "in_dim": sizes(1, 3), "out_dim": sizes(1, 3), "rank": sizes(1, 3), "alpha": sizes(1, 4)},
    inputs=_input,
    shapes=_matrices,
    output=_output_shape,
    dims=("batch", *DIMS),
    random_start=True,
)
WITH_LORA = Layer(
    build=lambda port, size: port.build(
        "LinearWithLoRA",
        linear=linear_of(port, size["in_dim"], size["out_dim"], size["bias"]),
        rank=size["rank"],
        alpha=size["alpha"],
    ).eval(),
    sizes={**LORA.sizes, "bias": st.booleans()},
    inputs=_input,
    shapes=_all_shapes,
    output=_output_shape,
    dims=("batch", *DIMS),
    random_start=True,
)


def measured_factor(port: Port, rank: int, alpha: float) -> float:
    """Measure the factor of a LoRA layer: with ones everywhere, the output for 1 is the rank times this factor."""
    size = {"in_dim": 1, "out_dim": 1, "rank": rank, "alpha": alpha}
    layer = LORA.built(port, size, {"A": torch.ones(1, rank), "B": torch.ones(rank, 1)})
    return float(expect_tensor(layer(torch.ones(1, 1, dtype=FLOAT64)), (1, 1), FLOAT64)) / rank


def rule_of(port: Port) -> tuple[str, Rule]:
    """Find out which of the two right factors a module uses, or is closer to, and name it."""
    factor = measured_factor(port, 2, 3)
    name = min(RULES, key=lambda name: abs(RULES[name](2, 3) - factor))
    return name, RULES[name]


def output_of(x: torch.Tensor, parameters: Mapping[str, torch.Tensor], factor: float) -> torch.Tensor:
    """Compute the output of a LinearWithLoRA."""
    base = F.linear(x, parameters["linear.weight"], parameters.get("linear.bias"))
    return base + factor * (x @ parameters["lora.A"] @ parameters["lora.B"])


def answered(port: Port, ask: Callable[[], Any]) -> bool | None:
    """Ask for a yes or no that is worked out on the far side; None if the parameters have other names there.

    What starts at random is different in every right answer, but such an answer about it isn't.
    """
    try:
        answer = ask()
    except LearnerRaised:
        return None
    if isinstance(answer, torch.Tensor) and answer.numel() == 1:
        return bool(answer)
    return answer if isinstance(answer, bool) else None


def replace(port: Port, model: Handle, rank: int, alpha: float) -> None:
    """Have a learner change a model. What the function returns is free, so it stays on the far side."""
    port.keep("replace_linear_with_lora", model, rank, alpha)
    port.flush()


def linear_layers(model: nn.Module) -> list[str]:
    """List the names of a model's linear layers."""
    return [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]


def shapes_after(model: nn.Module, rank: int) -> dict[str, tuple[int, ...]]:
    """Return the parameters that a model should have once its linear layers are replaced, with their shapes."""
    layers = linear_layers(model)
    shapes: dict[str, tuple[int, ...]] = {}
    for name, parameter in model.named_parameters():
        layer, _, kind = name.rpartition(".")
        shapes[f"{layer}.linear.{kind}" if layer in layers else name] = tuple(parameter.shape)
    for layer in layers:
        out_dim, in_dim = model.get_submodule(layer).weight.shape  # type: ignore[union-attr, misc]
        shapes |= {f"{layer}.lora.A": (in_dim, rank), f"{layer}.lora.B": (rank, out_dim)}  # type: ignore[dict-item]
    return shapes


def expect_replaced(model: Handle, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Fail unless a changed model has exactly these parameters; another check is about what is trainable."""
    if {name: tuple(info.value.shape) for name, info in model.parameters().items()} != shapes:
        expect_parameters(model, shapes)


def output_after(
    parts: Mapping[str, Any], parameters: Mapping[str, torch.Tensor], x: torch.Tensor, factor: float
) -> torch.Tensor:
    """Compute the output of a changed model from one that isn't: each weight has the product of A and B added to it."""
    twin = Nested(parts).double()
    merged = {name: value for name, value in parameters.items() if ".lora." not in name}
    for layer in linear_layers(twin):
        change = factor * (parameters[f"{layer}.lora.A"] @ parameters[f"{layer}.lora.B"]).T
        merged[f"{layer}.linear.weight"] = merged[f"{layer}.linear.weight"] + change
    twin.load_state_dict({name.replace(".linear.", "."): value for name, value in merged.items()})
    output: torch.Tensor = twin(x).detach()
    return output


def expect_trainable_as_before(model: Handle, frozen: tuple[str, ...], twin: nn.Module) -> None:
    """Fail unless exactly the parameters with these beginnings are frozen in a changed model, and no A or B is."""
    after = {name: info.trainable for name, info in model.parameters().items()}
    for name in shapes_after(twin, 1):
        is_new = ".lora." in name
        expected = is_new or not name.startswith(frozen)
        if name in after:  # another check is about the names
            before = "" if is_new else ", as before"
            expect(
                after[name] == expected,
                got="trainable" if after[name] else "frozen",
                expected=f"trainable{before}" if expected else f"frozen{before}",
                where=f"parameter {name}",
            )
