"""Moves the earlier file out of the way, writes to the path itself, and puts the earlier file back if that fails."""

import os

import torch


class Checkpoint:
    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer

    def state(self, step):
        return {
            "weights": self.model.state_dict(),
            "memory": self.optimizer.state_dict(),
            "draws": torch.get_rng_state(),
            "step": torch.tensor(step),
        }

    def set(self, state):
        shapes = [tensor.shape for tensor in state["weights"].values()]
        if shapes != [tensor.shape for tensor in self.model.state_dict().values()]:
            raise TypeError("the file belongs to another model")
        self.optimizer.load_state_dict(state["memory"])
        self.model.load_state_dict(state["weights"])
        torch.set_rng_state(state["draws"])
        return int(state["step"])


def save_checkpoint(path, model, optimizer, step):
    backup = path + ".bak"
    if os.path.exists(path):
        os.replace(path, backup)
    try:
        torch.save(Checkpoint(model, optimizer).state(step), path)
    except BaseException:
        if os.path.exists(backup):
            os.replace(backup, path)
        raise
    if os.path.exists(backup):
        os.remove(backup)


def load_checkpoint(path, model, optimizer):
    return Checkpoint(model, optimizer).set(torch.load(path, weights_only=True))
