"""An archive of NumPy arrays; the optimizer's state is filled in by hand."""

import os

import numpy as np
import torch


def save_checkpoint(path, model, optimizer, step):
    arrays = {f"model.{name}": value.detach().numpy() for name, value in model.state_dict().items()}
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for number, parameter in enumerate(parameters):
        for key, value in optimizer.state[parameter].items():
            arrays[f"optimizer.{number}.{key}"] = value.numpy()
    arrays["rates"] = np.array([group["lr"] for group in optimizer.param_groups])
    arrays["random"] = torch.get_rng_state().numpy()
    arrays["step"] = np.array(step)
    with open(path + "~", "wb") as file:
        np.savez(file, **arrays)
    os.replace(path + "~", path)


def load_checkpoint(path, model, optimizer):
    with np.load(path) as archive:
        arrays = dict(archive)
    state = model.state_dict()
    for name, value in state.items():
        if value.shape != arrays[f"model.{name}"].shape:
            raise RuntimeError(f"{name} has another shape")
    for name, value in state.items():
        value.copy_(torch.from_numpy(arrays[f"model.{name}"]))
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    optimizer.state.clear()
    for key, array in arrays.items():
        if key.startswith("optimizer."):
            _, number, name = key.split(".")
            optimizer.state[parameters[int(number)]][name] = torch.tensor(array)
    for group, rate in zip(optimizer.param_groups, arrays["rates"]):
        group["lr"] = float(rate)
    torch.set_rng_state(torch.from_numpy(arrays["random"]))
    return int(arrays["step"])
