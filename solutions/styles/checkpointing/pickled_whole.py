"""Pickles the model and the optimizer as they are, and goes back if they don't fit."""

import os
import pickle

import torch


def save_checkpoint(path, model, optimizer, step):
    temporary = path + ".new"
    with open(temporary, "wb") as file:
        pickle.dump((model, optimizer.state_dict(), torch.get_rng_state().numpy(), step), file)
    os.rename(temporary, path)


def load_checkpoint(path, model, optimizer):
    with open(path, "rb") as file:
        saved, memory, random_state, step = pickle.load(file)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    try:
        model.load_state_dict(saved.state_dict())
    except RuntimeError:
        model.load_state_dict(before)
        raise
    optimizer.load_state_dict(memory)
    torch.set_rng_state(torch.from_numpy(random_state))
    return step
