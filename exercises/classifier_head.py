"""A head for classes: turn a pretrained GPT into a classifier, most of which stays frozen.

Not in this exercise: training it, choosing the token whose logits count, loading weights.

Book: chapter 6.5
"""

from torch import nn


def to_classifier(model: nn.Module, num_classes: int) -> nn.Module:
    """Give a GPT a new head with one output for each class, and freeze all but its last parts.

    Trainable are the new head, `final_norm` and the last of `trf_blocks`, whatever was trainable before. The values of
    all parameters but the head's stay as they were.

    Args:
        model: has the parts of a `GPTModel`: `tok_emb`, `pos_emb`, `trf_blocks` (an `nn.Sequential` of one or more
            blocks), `final_norm`, and `out_head`, an `nn.Linear` from emb_dim to the vocabulary.
        num_classes: how many classes there are, at least 1.

    Returns:
        the classifier, either `model` itself or a copy. Its `out_head` is a new `nn.Linear` with a bias: the weight is
        `(num_classes, emb_dim)`.
    """
    raise NotImplementedError("Start with the parameters that should no longer change.")
