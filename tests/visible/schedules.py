"""What the checks of `lr_schedule` share: a training run with a schedule, and the rates and gradients to expect."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch.optim import lr_scheduler

from grader.checks import Handle, Port, Tolerance, expect, expect_number, expect_parts
from grader.learner.probes import LanguageModel
from tests.visible.training import VOCAB, Batch, Training, batch_of, loader_of, model_of, options_of

LISTS = ("train_losses", "val_losses", "track_tokens_seen", "track_lrs")
RATES = Tolerance(1e-5, 0.0)
"""For learning rates and clipped gradients, relative to the largest: a cosine in float32 is right, too."""
STILL: dict[str, Any] = {"lr": 1e-15, "initial_lr": 1e-16, "min_lr": 1e-17}
"""Rates so small that the weights stay as they are, so each batch has the same gradients at every step."""


def gentle_weights(seed: int = 0) -> dict[str, torch.Tensor]:
    """Return weights whose gradients have a norm well below 1."""
    twin = LanguageModel(**options_of(seed=seed)).double()
    return {name: 0.1 * parameter.detach() for name, parameter in twin.named_parameters()}


class Scheduled(Training):
    """One run of `train_model` on probes: what it returned, and what the probes recorded.

    Args:
        port: where to call `train_model`.
        batches: the training batches.
        weights: the weights that the model starts with; by default, gentle ones.
        groups: the number of the optimizer's parameter groups.
        tilt: makes the modes differ (see `options_of`).
        training: whether the model arrives in training mode.
        algorithm: the optimizer's class.
        lr: its learning rate, which is the peak.
        schedule: more arguments of `train_model`, by name.
    """

    def __init__(
        self,
        port: Port,
        batches: Sequence[Batch],
        *,
        weights: dict[str, torch.Tensor] | None = None,
        groups: int = 1,
        tilt: float = 0.0,
        training: bool = True,
        algorithm: str = "SGD",
        lr: float = 0.5,
        **schedule: Any,
    ) -> None:
        self.port = port
        self.model = model_of(port, tilt).set_parameters(gentle_weights() if weights is None else weights)
        self.model = self.model.train() if training else self.model.eval()
        self.train_loader = loader_of(port, batches)
        self.val_loader = loader_of(port, [batch_of(2, 3, 50)])
        self.device = port.probe("device")
        self.optimizer = port.probe("optimizer", algorithm=algorithm, model=self.model, groups=groups, lr=lr)
        self.returned = port.call(
            "train_model",
            self.model,
            self.train_loader,
            self.val_loader,
            self.optimizer,
            self.device,
            start_context="ab",
            tokenizer=port.probe("Tokenizer", vocab_size=VOCAB),
            **{"n_epochs": 1, "eval_freq": 100, "eval_iter": 1, "warmup_steps": 1} | schedule,
        )

    def parts(self) -> dict[str, list[Any]]:
        """Return the four lists by name, and make sure that they are four lists."""
        parts = expect_parts(self.returned, LISTS)
        lists: dict[str, list[Any]] = {}
        for name, part in zip(LISTS, parts, strict=True):
            expect(isinstance(part, list), got=f"{name} came as {type(part).__name__}", expected="a list")
            lists[name] = part  # type: ignore[assignment]
        return lists

    def noted_rates(self) -> torch.Tensor:
        """Return `track_lrs` as a tensor."""
        rates = [expect_number(rate, "a rate in track_lrs") for rate in self.parts()["track_lrs"]]
        return torch.tensor(rates, dtype=torch.float64)

    def rates(self, group: int = 0) -> torch.Tensor:
        """Return the learning rate that one group had at each of the optimizer's steps."""
        return torch.tensor([step["rates"][group] for step in self.steps()], dtype=torch.float64)


def as_float(kept: Handle) -> float:
    """Return a highest gradient as a float, so that a mistake gets its name no matter which kind of number came."""
    expect_number(kept.value(), "the highest gradient")
    return expect_number(kept.call("__float__"), "the highest gradient")


def warm_up(warmup_steps: int, initial_lr: float, peak_lr: float) -> torch.Tensor:
    """Return the rates of the warm-up: equal steps that would arrive at the peak right after it."""
    return torch.linspace(initial_lr, peak_lr, warmup_steps + 1, dtype=torch.float64)[:-1]


def decay(steps: int, peak_lr: float, min_lr: float) -> torch.Tensor:
    """Return the rates of the steps after the warm-up, according to torch's own scheduler."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps, eta_min=min_lr)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        with warnings.catch_warnings(action="ignore"):  # it expects a step of the optimizer
            scheduler.step()
    return torch.tensor(rates, dtype=torch.float64)


def gradients_of(batch: Batch, weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the gradients of a batch's loss on this side, by name, according to torch."""
    twin = LanguageModel(**options_of()).double()
    twin.load_state_dict(weights)
    inputs, targets = batch
    F.cross_entropy(twin(inputs).transpose(1, 2), targets).backward()
    return {name: parameter.grad for name, parameter in twin.named_parameters() if parameter.grad is not None}


def norm_of(gradients: dict[str, Any]) -> float:
    """Return the norm of all gradients together; those that are missing count as 0."""
    there = [gradient.square().sum() for gradient in gradients.values() if isinstance(gradient, torch.Tensor)]
    return float(sum(there)) ** 0.5


def losses_after(run: Scheduled, *loaders: Sequence[Batch]) -> tuple[float, ...]:
    """Return the mean loss over the batches of each loader with the weights after a run, according to torch."""
    twin = LanguageModel(**options_of()).double().eval()
    twin.load_state_dict(run.weights())
    losses = [[float(F.cross_entropy(twin(x).transpose(1, 2), y).detach()) for x, y in batches] for batches in loaders]
    return tuple(sum(of_loader) / len(of_loader) for of_loader in losses)
