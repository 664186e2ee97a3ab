"""A stand-in for `checkpointing` on torch's own files, which doesn't restore random state: the capstone needs none."""

import os

import torch
from torch import nn


def save_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    torch.save((step, model.state_dict(), optimizer.state_dict()), f"{path}.part")
    os.replace(f"{path}.part", path)


def load_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    step, weights, state = torch.load(path, weights_only=True)
    model.load_state_dict(weights)
    optimizer.load_state_dict(state)
    return int(step)
