"""What the checks of `training_loop` share: batches, probes to train with, and a twin of the model on this side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from grader.checks import (
    Handle,
    Port,
    Tolerance,
    expect,
    expect_number,
    expect_on_another_device,
    expect_parts,
    what_came,
)
from grader.learner.probes import LanguageModel

VOCAB = 5
GPT2_VOCAB = 50257
SINGLE = Tolerance(1e-5, 1e-5)
"""For losses that a model in float32 leads to; half precision is off by a hundred times as much."""
TOKENS = 8
Batch = tuple[torch.Tensor, torch.Tensor]


def batch_of(texts: int, tokens: int, seed: int, vocab_size: int = VOCAB) -> Batch:
    """Draw a batch of inputs and targets, each `(texts, tokens)`."""
    generator = torch.Generator().manual_seed(seed)
    inputs, targets = torch.randint(vocab_size, (2, texts, tokens), generator=generator)
    return inputs, targets


def batches_of(*shapes: tuple[int, int], seed: int = 0) -> list[Batch]:
    """Draw one batch for each shape (texts, tokens), all of them different."""
    return [batch_of(texts, tokens, 100 * seed + index) for index, (texts, tokens) in enumerate(shapes)]


def options_of(tilt: float = 0.0, seed: int = 0, vocab_size: int = VOCAB) -> dict[str, Any]:
    """Return the arguments of a small model.

    Without a tilt, it gives the same logits in both modes; with one, every loss shows which mode it was in.
    """
    return {"vocab_size": vocab_size, "emb_dim": 3, "context_length": TOKENS, "tilt": tilt, "seed": seed}


def model_of(port: Port, tilt: float = 0.0, seed: int = 0, vocab_size: int = VOCAB, bias: bool = False) -> Handle:
    """Create a small language model in float64 next to the learner's code; with `bias`, its head has one."""
    options = options_of(tilt, seed, vocab_size) | ({"bias": True} if bias else {})
    return port.probe("LanguageModel", **options).double()


def steep_weights(seed: int = 0) -> dict[str, torch.Tensor]:
    """Return weights with which a model's logits are moderate, and its gradients are in the thousands."""
    twin = LanguageModel(**options_of(seed=seed)).double()
    factors = {"tok_emb.weight": 1e-4, "pos_emb.weight": 1e-4, "out_head.weight": 1e4}
    return {name: factors[name] * parameter.detach() for name, parameter in twin.named_parameters()}


def loader_of(port: Port, batches: Sequence[Batch]) -> Handle:
    """Create a loader with these batches."""
    return port.probe("Loader", batches=list(batches))


def loss_by_torch(batch: Batch, training: bool = True, **options: Any) -> torch.Tensor:
    """Compute a batch's loss on this side, with a twin of the model and torch's own cross-entropy."""
    twin = LanguageModel(**options_of(**options)).double().train(training)
    inputs, targets = batch
    return F.cross_entropy(twin(inputs).transpose(1, 2), targets).detach()


def dtype_of(loss: Any) -> torch.dtype:
    """Return the dtype in which a loss is expected: that of the logits, or float32 if it is computed in that."""
    return torch.float32 if isinstance(loss, torch.Tensor) and loss.dtype is torch.float32 else torch.float64


def number_of(loss: Any) -> float:
    """Return a loss as a number, even if it is a tensor: another check looks at its type."""
    return expect_number(loss, "the loss")


def batch_loss(port: Port, batch: Batch, model: Handle) -> float:
    """Ask for the loss of one batch."""
    return number_of(port.call("calc_loss_batch", *batch, model, port.probe("device")))


def expect_batch_loss_on_another_device(port: Port, batch: Batch) -> None:
    """Fail unless a batch is moved to the device that is given, where the model is."""
    model = port.probe("moved", of=model_of(port))
    expect_on_another_device(
        port, lambda: port.keep("calc_loss_batch", *batch, model, port.probe("another_device")), "the loss"
    )


def loader_loss(port: Port, loader: Handle, model: Handle, num_batches: int | None = None) -> float:
    """Ask for the loss over a loader."""
    options = {} if num_batches is None else {"num_batches": num_batches}
    return number_of(port.call("calc_loss_loader", loader, model, port.probe("device"), **options))


def evaluated(port: Port, model: Handle, train: Handle, val: Handle, eval_iter: int) -> tuple[float, float]:
    """Ask for an evaluation: training loss and validation loss."""
    losses = port.call("evaluate_model", model, train, val, port.probe("device"), eval_iter)
    train_loss, val_loss = expect_parts(losses, ("train_loss", "val_loss"), "the losses")
    return number_of(train_loss), number_of(val_loss)


class Training:
    """One training run on probes: what it returned, and what the probes recorded.

    Args:
        port: where to call `train_model_simple`.
        batches: the training batches.
        val_batches: the validation batches; by default one, drawn from seed 50.
        tilt: makes the modes differ (see `options_of`).
        training: whether the model arrives in training mode.
        bias: whether the model's head has a bias.
        weights: the weights that the model starts with; by default, its own.
        algorithm: the optimizer's class; its options are in `optimizer`.
    """

    def __init__(
        self,
        port: Port,
        batches: Sequence[Batch],
        *,
        val_batches: Sequence[Batch] | None = None,
        num_epochs: int = 1,
        eval_freq: int = 1,
        eval_iter: int = 1,
        tilt: float = 0.0,
        training: bool = True,
        bias: bool = False,
        weights: Mapping[str, torch.Tensor] | None = None,
        algorithm: str = "SGD",
        **optimizer: Any,
    ) -> None:
        self.port = port
        self.model = model_of(port, tilt, bias=bias)
        if weights:
            self.model.set_parameters(weights)
        self.model = self.model.train() if training else self.model.eval()
        self.train_loader = loader_of(port, batches)
        self.val_loader = loader_of(port, [batch_of(2, 3, 50)] if val_batches is None else val_batches)
        self.device = port.probe("device")
        self.optimizer = port.probe("optimizer", algorithm=algorithm, model=self.model, **(optimizer or {"lr": 0.5}))
        self.returned = port.call(
            "train_model_simple",
            self.model,
            self.train_loader,
            self.val_loader,
            self.optimizer,
            self.device,
            num_epochs=num_epochs,
            eval_freq=eval_freq,
            eval_iter=eval_iter,
            start_context="ab",
            tokenizer=port.probe("Tokenizer", vocab_size=VOCAB),
        )

    def lists(self) -> tuple[list[Any], list[Any], list[Any]]:
        """Return the three lists, and make sure that there are three."""
        answer = self.returned
        kinds = [type(part) for part in answer] if isinstance(answer, (tuple, list)) else [type(answer)]
        expect(
            kinds == [list] * 3,
            got=what_came(answer),
            expected="(train_losses, val_losses, track_tokens_seen): three lists",
        )
        train_losses, val_losses, tokens_seen = answer
        return train_losses, val_losses, tokens_seen

    def steps(self) -> list[dict[str, Any]]:
        """Return a record of each of the optimizer's steps: the model's mode and gradients."""
        steps: list[dict[str, Any]] = self.optimizer.call("record")
        expect(bool(steps), got="no optimizer step", expected="a step for each batch")
        return steps

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the model's weights after training, by name."""
        return {name: parameter.value for name, parameter in self.model.parameters().items()}
