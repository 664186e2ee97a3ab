"""What to look at if Python, torch or NumPy raised a common exception: each piece of advice is for one exception."""

from __future__ import annotations

import re

_CALLED_WITH_ONE_MORE = re.compile(r"\.(\w+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given")
_CUT = (
    "Something has taken the value out of its graph: `.item()`, `.detach()`, `.data`, `torch.tensor(…)` or `no_grad()`."
)
_DEVICES = (
    "Two devices meet. Create your tensors with `device=x.device`, keep constants in buffers, and move each batch to "
    "the model's device."
)
_ADVICE = {
    "view size is not compatible": (
        "After `transpose`, the numbers are no longer in order in memory, which `view` needs. Use `reshape`, or write "
        "`.contiguous()` before `view`."
    ),
    "modified by an inplace operation": (
        "Something that the backward pass needs was changed in place, as by `+=` or an operation with `_` at its end. "
        "Make a new tensor instead."
    ),
    "a leaf Variable that requires grad": (
        "A parameter is changed in place while torch records. Put that line into `with torch.no_grad():`, or leave it "
        "to the optimizer."
    ),
    "does not require grad": _CUT,
    "'float' object has no attribute 'backward'": _CUT,
    "index out of range in self": (
        "An embedding was asked for a row that it doesn't have. Print the largest id or position, and how many rows "
        "there are."
    ),
    "Boolean value of Tensor with more than one value": (
        "`if`, `and` and `not` need one truth value. For a whole tensor, use `.all()`, `.any()` or `torch.where`."
    ),
    "truth value of an array with more than one element": (
        "`if`, `and` and `not` need one truth value. For a whole array, use `.all()`, `.any()` or `np.where`."
    ),
    "to have the same dtype": "Two dtypes meet. Which tensor do you create yourself? Create it with `dtype=x.dtype`.",
    "expected scalar type": "Two dtypes meet. Ids are int64; numbers that you create yourself need `dtype=x.dtype`.",
    "on different devices": _DEVICES,
    "is not on the expected device": _DEVICES,
    "to be on the same device": _DEVICES,
    "Expected target size": (
        "Cross-entropy takes logits (n, vocab_size) and targets (n,): make one dimension of batch and tokens first."
    ),
    "cannot be converted to Scalar": (
        "`.item()` and `float()` need a tensor with a single number. Which shape does yours have?"
    ),
    "'NoneType'": "Something is None here. Does the function that made it end without a `return`?",
}
"""For a part of an exception's text, what to say about it."""


def advice(raised: str) -> str:
    """Return what to look at after an exception; empty if there is no advice made for it.

    Args:
        raised: the exception in one line, as Python shows it.
    """
    found = _CALLED_WITH_ONE_MORE.search(raised)
    if found is not None and int(found[3]) == int(found[2]) + 1:
        return (
            f"A method gets its object first, as `self`, and then the arguments of the call. Does `def {found[1]}(…)` "
            "list all of them?"
        )
    return next((sentence for text, sentence in _ADVICE.items() if text in raised), "")
