"""Cross-entropy: how much the right answers surprise the model, computed from its logits.

Not in this exercise: class weights, label smoothing, a hand-written backward pass.

Book: chapter 5.1
"""

import torch
from torch import Tensor


def cross_entropy(logits: Tensor, targets: Tensor, ignore_index: int = -100) -> Tensor:
    """Return the mean of `-ln softmax(logits)[target]` over the targets that count: a scalar with its graph, in nats.

    It is right for logits of any size, be they 10,000 or -10,000.

    Args:
        logits: `(..., vocab)`, with one or more leading dimensions.
        targets: int64 `(...)`, the id that each row of logits should have predicted.
        ignore_index: a target of this value doesn't count: it is as if its row weren't there.
    """
    raise NotImplementedError("Turn the logits into one row for each target, and keep the rows that count.")


def perplexity(loss: Tensor) -> Tensor:
    """Return the perplexity that belongs to a loss in nats: the number of equally likely tokens with the same loss.

    Args:
        loss: a scalar, as `cross_entropy` returns it.
    """
    raise NotImplementedError("Undo the logarithm.")
