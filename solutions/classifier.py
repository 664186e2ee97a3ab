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
    ### BEGIN SOLUTION: Switch the mode, then count two things in one loop.
    model.eval()
    num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    correct, examples = 0, 0
    with torch.no_grad():
        for input_batch, target_batch in islice(data_loader, num_batches):
            logits = model(input_batch.to(device))[:, -1]  # (batch, num_classes)
            predicted = logits.argmax(dim=-1)  # (batch,)
            correct += (predicted == target_batch.to(device)).sum().item()
            examples += len(target_batch)
    return correct / examples
    ### END SOLUTION


def calc_loss_batch(input_batch: Tensor, target_batch: Tensor, model: Module, device: Device) -> Tensor:
    """Return the mean cross-entropy between the last token's logits and the classes: a scalar with its graph.

    `input_batch` is int64 `(batch, tokens)`, `target_batch` int64 `(batch,)`. Both are moved to `device` first.
    """
    ### BEGIN SOLUTION: Which of a text's logits have seen the whole text?
    input_batch, target_batch = input_batch.to(device), target_batch.to(device)
    logits = model(input_batch)[:, -1]  # (batch, num_classes)
    return F.cross_entropy(logits, target_batch)
    ### END SOLUTION


def calc_loss_loader(data_loader: Loader, model: Module, device: Device, num_batches: int | None = None) -> float:
    """Return the mean of the batch losses over the first `num_batches` batches; `nan` for an empty loader.

    It averages all batches if `num_batches` is None or larger than the loader.
    """
    ### BEGIN SOLUTION: This is the function of the training loop, and it needs no change.
    num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if num_batches == 0:
        return float("nan")

    total_loss = 0.0
    for input_batch, target_batch in islice(data_loader, num_batches):
        total_loss += calc_loss_batch(input_batch, target_batch, model, device).item()
    return total_loss / num_batches
    ### END SOLUTION


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
    ### BEGIN SOLUTION: Start with your `train_model_simple`, and count texts instead of tokens.
    train_losses: list[float] = []
    val_losses: list[float] = []
    train_accs: list[float] = []
    val_accs: list[float] = []
    examples_seen = 0
    global_step = 0

    for epoch in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            examples_seen += len(input_batch)

            if global_step % eval_freq == 0:
                model.eval()
                with torch.no_grad():
                    train_loss = calc_loss_loader(train_loader, model, device, num_batches=eval_iter)
                    val_loss = calc_loss_loader(val_loader, model, device, num_batches=eval_iter)
                model.train()
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                print(f"Ep {epoch + 1} (step {global_step:06d}): train {train_loss:.3f}, val {val_loss:.3f}")
            global_step += 1

        train_acc = calc_accuracy_loader(train_loader, model, device, num_batches=eval_iter)
        val_acc = calc_accuracy_loader(val_loader, model, device, num_batches=eval_iter)
        train_accs.append(train_acc)
        val_accs.append(val_acc)
        print(f"Ep {epoch + 1}: accuracy {train_acc:.2%} on train, {val_acc:.2%} on val")

    return train_losses, val_losses, train_accs, val_accs, examples_seen
    ### END SOLUTION


def classify_review(
    text: str, model: Module, tokenizer: Any, device: Device, max_length: int | None = None, pad_token_id: int = 50256
) -> str:
    """Return `"spam"` if the model predicts class 1 for a text, and `"not spam"` otherwise.

    `tokenizer.encode(text)` gives the ids. A longer text loses its end: it is cut to `max_length`, or to the number of
    rows of `model.pos_emb.weight` if that is smaller. A shorter one is padded on the right to `max_length`.
    """
    ### BEGIN SOLUTION: Give the model a batch of one text that looks like the texts it was trained on.
    model.eval()
    context_length = len(model.pos_emb.weight)
    max_length = context_length if max_length is None else min(max_length, context_length)
    input_ids = tokenizer.encode(text)[:max_length]
    input_ids = input_ids + [pad_token_id] * (max_length - len(input_ids))
    batch = torch.tensor([input_ids], device=device)  # (1, max_length)
    with torch.no_grad():
        logits = model(batch)[:, -1]  # (1, num_classes)
    predicted = logits.argmax(dim=-1).item()
    return "spam" if predicted == 1 else "not spam"
    ### END SOLUTION
