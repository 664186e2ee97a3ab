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
    ### BEGIN SOLUTION: Turn the logits into one row for each target, and keep the rows that count.
    logits, targets = logits.flatten(0, -2), targets.flatten()  # (rows, vocab), (rows,)
    counted = targets != ignore_index  # (rows,)
    logits, targets = logits[counted], targets[counted]  # from here on, only rows that count

    logits = logits - logits.amax(dim=-1, keepdim=True)  # the largest logit of each row is 0 now
    log_sums = logits.exp().sum(dim=-1).log()  # (rows,)
    chosen = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1)  # (rows,)
    return (log_sums - chosen).mean()
    ### END SOLUTION


def perplexity(loss: Tensor) -> Tensor:
    """Return the perplexity that belongs to a loss in nats: the number of equally likely tokens with the same loss.

    Args:
        loss: a scalar, as `cross_entropy` returns it.
    """
    ### BEGIN SOLUTION: Undo the logarithm.
    return torch.exp(loss)
    ### END SOLUTION
