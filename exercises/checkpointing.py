"""Saving a training run to a file, and going on from it as if nothing had happened.

Not in this exercise: several files, keeping old checkpoints, a loader's position in its data, GPUs.

Book: chapter 5.4
"""

import contextlib
import os

import torch
from torch import nn


def save_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    """Write everything that training needs to go on to the file `path`, in place of an earlier checkpoint there.

    Everything is: the weights and buffers of the model, the state of the optimizer, torch's random state, and `step`.

    If the save fails, for whatever reason (the disk is full, a value can't be written), it raises an exception, and
    the earlier file stays as it was. `torch.save(…, path)` by itself doesn't do this: it empties the file first.

    Args:
        path: the file; its folder exists.
        model: saved, not changed.
        optimizer: saved, not changed.
        step: how many steps have been taken.
    """
    raise NotImplementedError("Start with a dict of everything, then write it to another file in the same folder.")


def load_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Bring the model, its optimizer and torch's random state to where they were when the file was saved.

    From there, training goes on bit for bit as if it had never been interrupted.

    If the model's shapes aren't those in the file, this raises an exception (any will do), and the model stays as it
    was. `load_state_dict` by itself doesn't do this: it copies what fits, and then raises.

    Args:
        path: a file that `save_checkpoint` wrote.
        model: a model of the same kind, perhaps a new one; its parameters are overwritten.
        optimizer: an optimizer of that model, made in the same way as the one that was saved.

    Returns:
        The `step` that was saved.
    """
    raise NotImplementedError("Read the file, and compare all shapes before you change anything.")
