from __future__ import annotations

import copy
import os
from pathlib import Path

import torch
from torch import nn


def random_states() -> dict:
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def restore_random_states(states: dict) -> None:
    torch.set_rng_state(states["cpu"].cpu())
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(states["cuda"])


def save_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    target = Path(path)
    fresh = target.with_name(target.name + f".{os.getpid()}.new")
    try:
        with fresh.open("wb") as stream:
            torch.save((model.state_dict(), optimizer.state_dict()["state"], random_states(), step), stream)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def load_checkpoint(path: str, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    weights, moments, states, step = torch.load(path, weights_only=False)
    before = copy.deepcopy(model.state_dict())
    try:
        model.load_state_dict(weights, strict=True)
        optimizer.load_state_dict({**optimizer.state_dict(), "state": moments})
    except Exception:
        model.load_state_dict(before)
        raise
    restore_random_states(states)
    return step
