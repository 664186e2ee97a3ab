"""What the checks of `classifier` share: labeled batches, small classifiers, twins on this side, and training runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from grader.checks import Handle, Port, Tolerance, expect, expect_number, expect_parts
from grader.learner.probes import SmallGPT
from tests.visible.training import Batch, loader_of, number_of

VOCAB = 10
WIDTH = 8
"""Width of the embedding and context length: `max_length` may be as large as either of them."""
FLOAT64 = torch.float64
RESULTS = ("train_losses", "val_losses", "train_accs", "val_accs", "examples_seen")
DIFFERENCES = Tolerance(1e-6, 1.0)
"""For gradients of a loss, which are differences of probabilities: those may be computed in float32."""


def options_of(tilt: float = 0.0, seed: int = 0, vocab_size: int = VOCAB) -> dict[str, Any]:
    """Return the arguments of a small classifier of two classes.

    Without a tilt, it gives the same logits in both modes. A tilt favors class 1 in training mode.
    """
    sizes = {"vocab_size": vocab_size, "emb_dim": WIDTH, "context_length": WIDTH, "num_classes": 2}
    return sizes | {"tilt": tilt, "seed": seed}


def model_of(port: Port, **options: Any) -> Handle:
    """Create a small classifier in float64, in eval mode, next to the learner's code."""
    return port.probe("SmallGPT", **options_of(**options)).double().eval()


def sure_weights() -> dict[str, torch.Tensor]:
    """Return weights with which the logits at each position depend on the id there, and on nothing else.

    Class 1 has the larger logit if the id is odd. The logits are -10 and 10, so a wrong class costs 20 nats.
    """
    zeros = {name: torch.zeros_like(part) for name, part in SmallGPT(**options_of()).double().named_parameters()}
    ids = torch.zeros(VOCAB, WIDTH, dtype=FLOAT64)
    ids[:, 0] = torch.arange(VOCAB) % 2 * 2 - 1
    ids[:, 1] = -ids[:, 0]
    head = torch.zeros(2, WIDTH, dtype=FLOAT64)
    head[:, 0] = torch.tensor([-5.0, 5.0], dtype=FLOAT64)
    norms = {name: torch.ones_like(part) for name, part in zeros.items() if name.endswith(".scale")}
    return zeros | norms | {"tok_emb.weight": ids, "out_head.weight": head}


def sure_model(port: Port) -> Handle:
    """Create a classifier that is sure of one thing: class 1 where the id is odd, and class 0 where it is even."""
    return model_of(port).set_parameters(sure_weights())


def ignorant_model(port: Port) -> Handle:
    """Create a classifier that gives all classes the same logit."""
    zeros = {"out_head.weight": torch.zeros(2, WIDTH, dtype=FLOAT64), "out_head.bias": torch.zeros(2, dtype=FLOAT64)}
    return model_of(port).set_parameters(zeros)


def batch_of(texts: int, tokens: int, seed: int) -> Batch:
    """Draw a batch: ids `(texts, tokens)`, and classes `(texts,)`."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randint(VOCAB, (texts, tokens), generator=generator)
    return inputs, torch.randint(2, (texts,), generator=generator)


def batches_of(*shapes: tuple[int, int], seed: int = 0) -> list[Batch]:
    """Draw one batch for each shape (texts, tokens), all of them different."""
    return [batch_of(texts, tokens, 100 * seed + index) for index, (texts, tokens) in enumerate(shapes)]


def marked(*right: bool) -> Batch:
    """Make texts of one token for `sure_model`: it is right about those that are marked, and wrong about the others."""
    inputs = torch.arange(len(right))[:, None] % VOCAB
    wrong = ~torch.tensor(right)
    return inputs, (inputs[:, 0] + wrong) % 2


HALVES = [marked(True, True), marked(True, False), marked(False, False)]
"""Three batches of the same size; `sure_model` is right about all, half and none of their texts."""


def accuracy_of(port: Port, batches: Sequence[Batch], model: Handle, num_batches: int | None = None) -> float:
    """Ask for the accuracy over a loader with these batches."""
    options = {} if num_batches is None else {"num_batches": num_batches}
    loader = loader_of(port, batches)
    got = port.call("calc_accuracy_loader", loader, model, port.probe("device"), **options)
    return expect_number(got, "the accuracy")


def batch_loss(port: Port, batch: Batch, model: Handle) -> float:
    """Ask for the loss of one batch."""
    return number_of(port.call("calc_loss_batch", *batch, model, port.probe("device")))


def loader_loss(port: Port, batches: Sequence[Batch], model: Handle, num_batches: int | None = None) -> float:
    """Ask for the loss over a loader with these batches."""
    options = {} if num_batches is None else {"num_batches": num_batches}
    return number_of(port.call("calc_loss_loader", loader_of(port, batches), model, port.probe("device"), **options))


def twin_of(weights: Mapping[str, torch.Tensor] | None = None, training: bool = False, **options: Any) -> SmallGPT:
    """Create a twin of a small classifier on this side, in either mode, with its own weights or others."""
    twin = SmallGPT(**options_of(**options)).double().train(training)
    if weights:
        twin.load_state_dict(weights)
    return twin


def gradients_of(batch: Batch, **options: Any) -> dict[str, torch.Tensor]:
    """Return the gradients of a batch's loss in training mode on this side, by name."""
    twin = twin_of(training=True, **options)
    inputs, targets = batch
    F.cross_entropy(twin(inputs)[:, -1], targets).backward()
    return {name: parameter.grad for name, parameter in twin.named_parameters() if parameter.grad is not None}


def measured_by(twin: SmallGPT, batches: Sequence[Batch]) -> tuple[float, float]:
    """Return a twin's mean loss and its accuracy over batches of the same size, according to torch."""
    with torch.no_grad():
        logits = torch.stack([twin(inputs)[:, -1] for inputs, _ in batches])
    targets = torch.stack([classes for _, classes in batches])
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    return float(loss), float((logits.argmax(dim=-1) == targets).double().mean())


class Tuning:
    """One run of `train_classifier_simple` on probes: what it returned, and what the probes recorded.

    Args:
        port: where to call it.
        batches: the training batches.
        val_batches: the validation batches; by default one, drawn from seed 50.
        weights: the weights that the model starts with; by default, its own.
        tilt: favors class 1 in training mode.
        training: whether the model arrives in training mode.
        algorithm: the optimizer's class; its options are in `optimizer`.
    """

    def __init__(
        self,
        port: Port,
        batches: Sequence[Batch],
        *,
        val_batches: Sequence[Batch] | None = None,
        weights: Mapping[str, torch.Tensor] | None = None,
        num_epochs: int = 1,
        eval_freq: int = 1,
        eval_iter: int = 1,
        tilt: float = 0.0,
        training: bool = True,
        algorithm: str = "SGD",
        **optimizer: Any,
    ) -> None:
        self.model = model_of(port, tilt=tilt)
        if weights:
            self.model.set_parameters(weights)
        self.model = self.model.train() if training else self.model.eval()
        self.optimizer = port.probe("optimizer", algorithm=algorithm, model=self.model, **(optimizer or {"lr": 0.5}))
        self.returned = port.call(
            "train_classifier_simple",
            self.model,
            loader_of(port, batches),
            loader_of(port, [batch_of(2, 3, 50)] if val_batches is None else val_batches),
            self.optimizer,
            port.probe("device"),
            num_epochs=num_epochs,
            eval_freq=eval_freq,
            eval_iter=eval_iter,
        )

    def lists(self) -> dict[str, list[float]]:
        """Return losses and accuracies by name, and make sure that they are four lists of numbers."""
        parts = expect_parts(self.returned, RESULTS)
        lists: dict[str, list[float]] = {}
        for name, part in zip(RESULTS[:4], parts, strict=False):
            if not isinstance(part, list):
                expect(False, got=f"{name} came as {type(part).__name__}", expected="a list")
                continue
            lists[name] = [expect_number(value, f"a number in {name}") for value in part]
        return lists

    def examples_seen(self) -> float:
        """Return the number of examples seen."""
        return expect_number(expect_parts(self.returned, RESULTS)[4], "examples_seen")

    def last(self, *names: str) -> tuple[float, ...]:
        """Return the last entry of some of the lists."""
        lists = self.lists()
        entries = [len(lists[name]) for name in names]
        expect(all(entries), got=f"lists of length {entries}", expected="at least one entry in each of them")
        return tuple(lists[name][-1] for name in names)

    def steps(self) -> list[dict[str, Any]]:
        """Return a record of each of the optimizer's steps: the model's mode and gradients."""
        steps: list[dict[str, Any]] = self.optimizer.call("record")
        expect(bool(steps), got="no optimizer step", expected="a step for each batch")
        return steps

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the model's weights after training, by name."""
        return {name: parameter.value for name, parameter in self.model.parameters().items()}


def text_of(ids: Sequence[int]) -> str:
    """Return a text that the probe `Tokenizer` with `VOCAB` ids turns into these."""
    return "".join(chr(100 + number) for number in ids)


def review_of(port: Port, text: str, model: Handle, max_length: int, vocab_size: int = VOCAB, **padding: int) -> Any:
    """Ask for the class of a text; its ids are the characters' numbers modulo `vocab_size`."""
    tokenizer = port.probe("Tokenizer", vocab_size=vocab_size)
    return port.call("classify_review", text, model, tokenizer, port.probe("device"), max_length=max_length, **padding)
