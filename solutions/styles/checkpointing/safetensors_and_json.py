"""Tensors go into a safetensors file, everything else as JSON into its metadata; nothing is pickled."""

import json
import os

import torch
from safetensors import safe_open
from safetensors.torch import save_file


def _with_prefix(prefix, tensors):
    return {f"{prefix}/{name}": tensor.detach().clone() for name, tensor in tensors.items()}


def save_checkpoint(path, model, optimizer, step):
    state = optimizer.state_dict()
    tensors = _with_prefix("model", model.state_dict()) | {"random": torch.get_rng_state()}
    for number, remembered in state["state"].items():
        tensors |= _with_prefix(f"optimizer/{number}", remembered)
    rest = json.dumps({"groups": state["param_groups"], "step": step})
    scratch = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.part")
    save_file(tensors, scratch, metadata={"rest": rest})
    os.replace(scratch, path)


def load_checkpoint(path, model, optimizer):
    with safe_open(path, framework="pt") as file:
        rest = json.loads(file.metadata()["rest"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    own = model.state_dict()
    if any(tensors[f"model/{name}"].shape != tensor.shape for name, tensor in own.items()):
        raise ValueError("another model")
    memory = {}
    for name, tensor in tensors.items():
        kind, _, last = name.partition("/")
        if kind == "model":
            own[last].copy_(tensor)
        elif kind == "optimizer":
            number, _, key = last.partition("/")
            memory.setdefault(int(number), {})[key] = tensor
    optimizer.load_state_dict({"state": memory, "param_groups": rest["groups"]})
    torch.set_rng_state(tensors["random"])
    return rest["step"]
