import os

import torch


class Checkpoint:
    def __init__(self, model, optimizer):
        self.model = model
        self.optimizer = optimizer

    def state(self, step):
        return dict(
            model=self.model.state_dict(),
            optimizer=self.optimizer.state_dict(),
            rng=torch.get_rng_state(),
            step=step,
        )

    def restore(self, state):
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["rng"])
        return state["step"]


def save_checkpoint(path, model, optimizer, step):
    unfinished = path + ".unfinished"
    torch.save(Checkpoint(model, optimizer).state(step), unfinished)
    os.replace(unfinished, path)


def load_checkpoint(path, model, optimizer):
    return Checkpoint(model, optimizer).restore(torch.load(path, weights_only=False))
