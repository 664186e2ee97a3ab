"""Fine-tuning a classifier: train on the last token's logits, measure accuracy, and ask whether a review is spam.

Not in this exercise: the new head and what to freeze (`classifier_head`), the data (`spam_data`), class weights.

Book: chapters 6.6 to 6.8
"""

from itertools import islice
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn import functional as F

Loader = Any  # has a length, and yields (input_batch, target_batch)
Device = torch.device | str


def calc_accuracy_loader(data_loader: Loader, model: Module, device: Device, num_batches: int | None = None) -> float:
    """Return the share of texts, from 0 to 1, that get the right class in the first `num_batches` batches.

    It looks at all batches if `num_batches` is None or larger than the loader. The model maps ids `(batch, tokens)` to
    logits `(batch, tokens, num_classes)`, and predicts the class with the largest logit at a text's last token.
    """
    raise NotImplementedError("Switch the mode, then count two things in one loop.")


def calc_loss_batch(input_batch: Tensor, target_batch: Tensor, model: Module, device: Device) -> Tensor:
    """Return the mean cross-entropy between the last token's logits and the classes: a scalar with its graph.

    `input_batch` is int64 `(batch, tokens)`, `target_batch` int64 `(batch,)`. Both are moved to `device` first.
    """
    raise NotImplementedError("Which of a text's logits have seen the whole text?")


def calc_loss_loader(data_loader: Loader, model: Module, device: Device, num_batches: int | None = None) -> float:
    """Return the mean of the batch losses over the first `num_batches` batches; `nan` for an empty loader.

    It averages all batches if `num_batches` is None or larger than the loader.
    """
    raise NotImplementedError("This is the function of the training loop, and it needs no change.")


def train_classifier_simple(
    model: Module,
    train_loader: Loader,
    val_loader: Loader,
    optimizer: torch.optim.Optimizer,
    device: Device,
    num_epochs: int,
    eval_freq: int,
    eval_iter: int,
) -> tuple[list[float], list[float], list[float], list[float], int]:
    """Take one optimizer step per batch, go through the loader `num_epochs` times, and keep losses and accuracies.

    After steps 0, `eval_freq`, 2 * `eval_freq`, … (counted through all epochs), append the losses of both loaders.
    After each epoch, append the accuracies of both. Each is measured over `eval_iter` batches, in eval mode; the steps
    are taken in training mode, whatever mode the model came in. Return `(train_losses, val_losses, train_accs,
    val_accs, examples_seen)`: four lists, and the number of texts in all steps.
    """
    raise NotImplementedError("Start with your `train_model_simple`, and count texts instead of tokens.")


def classify_review(
    text: str, model: Module, tokenizer: Any, device: Device, max_length: int | None = None, pad_token_id: int = 50256
) -> str:
    """Return `"spam"` if the model predicts class 1 for a text, and `"not spam"` otherwise.

    `tokenizer.encode(text)` gives the ids. A longer text loses its end: it is cut to `max_length`, or to the number of
    rows of `model.pos_emb.weight` if that is smaller. A shorter one is padded on the right to `max_length`.
    """
    raise NotImplementedError("Give the model a batch of one text that looks like the texts it was trained on.")
