"""What the checks of `classifier_head` share: a small GPT, what becomes of its parameters, and a twin on this side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

from grader.checks import Handle, Port, expect, expect_equal, values, what_came
from grader.learner.probes import SmallGPT
from grader.port.port import ParameterInfo

SIZES: dict[str, Any] = {"vocab_size": 7, "emb_dim": 4, "context_length": 5, "n_layers": 3}
"""A model in which no two sizes agree, so that a head that takes the wrong one shows."""
HEAD = ("out_head.weight", "out_head.bias")
LAST_BLOCK = "trf_blocks.2."
Parameters = Mapping[str, ParameterInfo]


def values_before(**options: Any) -> dict[str, torch.Tensor]:
    """Return the values that a model's parameters have before it is changed, by name."""
    return {name: parameter.detach() for name, parameter in SmallGPT(**(SIZES | options)).named_parameters()}


def names_in(*parts: str, **options: Any) -> list[str]:
    """List the parameters of a model whose names begin with one of these."""
    return [name for name in values_before(**options) if name.startswith(parts)]


def trainable_names(**options: Any) -> list[str]:
    """List the parameters that a classifier trains: those of its head, its last norm and its last block."""
    last = (SIZES | options)["n_layers"] - 1
    return [*HEAD, *names_in(f"trf_blocks.{last}.", "final_norm.", **options)]


def converted(port: Port, num_classes: int = 3, *, double: bool = False, **options: Any) -> Handle:
    """Have a learner turn a small GPT into a classifier, and return it; fail if nothing came back."""
    model = port.probe("SmallGPT", **(SIZES | options))
    classifier = port.keep("to_classifier", model.double() if double else model, num_classes)
    kind = port.probe("device_of", of=classifier).value()
    expect(kind != "NoneType", got=what_came(None), expected="the classifier, a torch.nn.Module")
    return classifier


def part(parameters: Parameters, name: str) -> ParameterInfo:
    """Return one of a classifier's parameters, and make sure that it is there."""
    with_name = ", ".join(existing for existing in parameters if existing.startswith(name.partition(".")[0]))
    expect(name in parameters, got=f"no parameter {name}; found: {with_name or 'none'}", expected=name)
    return parameters[name]


def expect_trainable(parameters: Parameters, names: Iterable[str]) -> None:
    """Fail unless all of these parameters are trainable."""
    frozen = [name for name in names if not part(parameters, name).trainable]
    expect(not frozen, got=f"requires_grad=False for {', '.join(frozen)}", expected="requires_grad=True")


def expect_frozen(parameters: Parameters, names: Iterable[str]) -> None:
    """Fail unless all of these parameters are frozen."""
    trainable = [name for name in names if part(parameters, name).trainable]
    expect(not trainable, got=f"requires_grad=True for {', '.join(trainable)}", expected="requires_grad=False")


def expect_kept_values(parameters: Parameters, before: Mapping[str, torch.Tensor]) -> None:
    """Fail unless every parameter but the head's has the value and the dtype that it had before."""
    for name, value in before.items():
        if not name.startswith("out_head."):
            expect_equal(part(parameters, name).value, value, f"{name} after the call")


def expect_new_head(port: Port, num_classes: int, **options: Any) -> None:
    """Turn a model into a classifier, and fail if the head's rows are the first rows of the old head, bit for bit."""
    old = values_before(**options)["out_head.weight"]
    classifier = converted(port, num_classes, **options)
    part(classifier.parameters(), "out_head.weight")
    rows = min(len(old), num_classes)
    # Compared over there, because the start of a head is random: recorded answers have no use for the numbers.
    new = classifier.keep("get_parameter", "out_head.weight")
    alike = port.probe("same_batches", first=port.put(old), second=new, most=rows).value()
    is_copy = isinstance(alike, dict) and alike["in_order"]
    got = f"{rows} rows with the values of the old head" if rows > 1 else "a row with the values of the old head"
    expect(not is_copy, got=got, expected="a new head, with values of its own")


def with_head(classifier: Handle, num_classes: int, emb_dim: int, seed: int = 0) -> dict[str, torch.Tensor]:
    """Bring a classifier to float64, set its head, whose start is free, and return what it was set to."""
    weight, bias = values(num_classes, emb_dim, seed=seed + 1), values(num_classes, seed=seed + 2)
    head = dict(zip(HEAD, (weight, bias), strict=True))
    classifier.double().set_parameters(head)
    return head


def expected_logits(ids: torch.Tensor, head: Mapping[str, torch.Tensor], **options: Any) -> torch.Tensor:
    """Compute on this side the logits (batch, tokens, classes) of a small GPT with such a head."""
    twin = SmallGPT(**(SIZES | options)).double()
    num_classes, emb_dim = head["out_head.weight"].shape
    twin.out_head = nn.Linear(emb_dim, num_classes, dtype=torch.float64)
    twin.load_state_dict(dict(head), strict=False)
    logits: torch.Tensor = twin(ids).detach()
    return logits
