"""What the checks of `dpo` share: pairs of answers, calls of the functions, and the same numbers on this side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from grader.checks import (
    Handle,
    Port,
    Tolerance,
    expect_any_tensor,
    expect_equal,
    expect_number,
    expect_parts,
    expect_tensor,
)
from grader.learner.probes import LanguageModel
from tests.visible.training import VOCAB, model_of, options_of

FLOAT64 = torch.float64
SINGLE = Tolerance(3e-5, 1.0)
"""For log-probabilities and gradients: a right answer may compute them in float32."""
LARGE = Tolerance(1e-6, 5e3)
"""For numbers around 10,000, whose neighbors in float32 are 0.001 apart."""
PARTS = ("loss", "chosen_rewards", "rejected_rewards")
POLICY, REFERENCE = 1, 2
"""The seeds of the two models."""
Pairs = dict[str, torch.Tensor]


def numbers(*items: float) -> torch.Tensor:
    """Make a log-probability for each text of a batch."""
    return torch.tensor(items, dtype=FLOAT64)


def ids_of(*rows: Sequence[int]) -> torch.Tensor:
    """Make texts from their ids."""
    return torch.tensor(rows, dtype=torch.int64)


def mask_of(*rows: str) -> torch.Tensor:
    """Make a mask from its rows: an x for each token that counts, and a dot for each that doesn't."""
    return torch.tensor([[mark == "x" for mark in row] for row in rows])


def sure_of(labels: torch.Tensor, by: float = 13.0) -> torch.Tensor:
    """Make logits that are sure at each position of the token that follows it, and at the last of token 0."""
    following = torch.cat([labels[:, 1:], torch.zeros_like(labels[:, :1])], dim=1)
    return by * F.one_hot(following, 3).to(FLOAT64)


def logprobs_of(
    port: Port, logits: torch.Tensor, labels: torch.Tensor, mask: torch.Tensor | None = None
) -> torch.Tensor:
    """Ask for the log-probabilities of texts, finite and in float64; they may have been computed in float32."""
    masks = () if mask is None else (mask,)
    got = expect_any_tensor(port.call("compute_logprobs", logits, labels, *masks), "the log-probabilities")
    dtype = torch.float32 if got.dtype is torch.float32 else FLOAT64
    return expect_tensor(got, (len(labels),), dtype, "the log-probabilities").double()


def expect_logprobs(got: torch.Tensor, expected: torch.Tensor, what: str, tolerance: Tolerance = SINGLE) -> None:
    """Fail unless these are the log-probabilities of the texts."""
    expect_equal(got, expected, what, dims=("text",), tolerance=tolerance)


def loss_of(port: Port, *logprobs: torch.Tensor, **options: float) -> float:
    """Ask for the loss of four log-probabilities per pair, as a number."""
    parts = expect_parts(port.call("compute_dpo_loss", *logprobs, **options), PARTS)
    return expect_number(parts[0], "the loss")


def expect_reply(got: Any, expected: Sequence[float], where: str = "") -> None:
    """Fail unless loss and rewards are these numbers; in which kind of tensor they come is left open."""
    for name, part, number in zip(PARTS, expect_parts(got, PARTS), expected, strict=True):
        expect_equal(expect_number(part, name), number, f"{name}{where}")


def with_graph(port: Port, count: int, seed: int) -> Handle:
    """Keep log-probabilities `(count,)` that have a graph, as a model gives them."""
    logits = model_of(port, seed=seed).keep("__call__", torch.zeros(1, count, dtype=torch.int64))
    return logits.keep("mean", -1).keep("flatten")


def have_graphs(port: Port, reply: Handle) -> list[bool]:
    """Say for each of the three results whether one can go backward from it."""
    expect_parts(reply.value(), PARTS)
    probes = [port.probe("has_graph", of=reply.keep("__getitem__", index)) for index in range(3)]
    return [bool(probe.value()) for probe in probes]


def pairs_of(texts: int, tokens: int, seed: int, masked: bool = True) -> Pairs:
    """Draw a batch of pairs; if `masked`, each mask leaves out a beginning and an end, as of prompt and padding.

    With 3 tokens or more, a mask that is shifted the wrong way still selects something.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen, rejected = torch.randint(VOCAB, (2, texts, tokens), generator=generator)
    masks = torch.ones(2, texts, tokens, dtype=torch.bool)
    if masked:
        for mask in masks.flatten(0, 1):
            begin = int(torch.randint(1, max(2, tokens - 1), (), generator=generator))
            end = int(torch.randint(begin + 1, tokens + 1, (), generator=generator))
            mask[:begin] = mask[end:] = False
    return {"chosen": chosen, "rejected": rejected, "chosen_mask": masks[0], "rejected_mask": masks[1]}


def models_of(port: Port) -> tuple[Handle, Handle]:
    """Create a policy model and a reference model."""
    return model_of(port, seed=POLICY), model_of(port, seed=REFERENCE)


def batch_reply(port: Port, pairs: Pairs, beta: float = 1.0) -> Any:
    """Ask for loss and rewards of a batch."""
    return port.call("compute_dpo_loss_batch", pairs, *models_of(port), beta)


def loader_reply(port: Port, batches: Sequence[Pairs], num_batches: int | None = None) -> Any:
    """Ask for loss and rewards of a loader, with a beta of 1."""
    options = {} if num_batches is None else {"num_batches": num_batches}
    loader = port.probe("PreferenceLoader", batches=list(batches))
    return port.call("compute_dpo_loss_loader", loader, *models_of(port), 1.0, **options)


def gradients_of_batch(port: Port, pairs: Pairs) -> tuple[dict[str, Any], dict[str, Any]]:
    """Go backward from the loss of a batch; return the gradients of policy and reference, by name."""
    models = models_of(port)
    reply = port.keep("compute_dpo_loss_batch", pairs, *models, 1.0)
    expect_number(expect_parts(reply.value(), PARTS)[0], "the loss")
    probe = port.probe("gradients_after", of=reply.keep("__getitem__", 0), models=list(models))
    found: Any = probe.value()
    return found[0], found[1]


def expected_batch(pairs: Pairs) -> tuple[tuple[float, float, float], dict[str, torch.Tensor]]:
    """Compute loss and rewards on this side, for a beta of 1, and the gradients of the policy."""
    policy, reference = (LanguageModel(**options_of(seed=seed)).double() for seed in (POLICY, REFERENCE))
    chosen, rejected = (_change(policy, reference, pairs[key], pairs[f"{key}_mask"]) for key in ("chosen", "rejected"))
    loss = F.softplus(rejected - chosen).mean()
    names, parameters = zip(*policy.named_parameters(), strict=True)
    gradients = dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))
    return (float(loss.detach()), float(chosen.detach().mean()), float(rejected.detach().mean())), gradients


def _change(policy: LanguageModel, start: LanguageModel, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return how much likelier each text has become: the difference of two mean log-probabilities."""
    sums: list[torch.Tensor] = []
    for model in (policy, start):
        costs = F.cross_entropy(model(ids)[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none")
        sums.append(-costs.masked_fill(~mask[:, 1:], 0.0).sum(1) / mask[:, 1:].sum(1))
    return sums[0] - sums[1].detach()


def expect_gradients(got: dict[str, Any], expected: dict[str, torch.Tensor]) -> None:
    """Fail unless the policy got these gradients."""
    for name, gradient in expected.items():
        got_gradient = expect_tensor(got[name], gradient.shape, FLOAT64, f"the gradient of the policy's {name}")
        expect_equal(got_gradient, gradient, f"the gradient of the policy's {name}", tolerance=SINGLE)
