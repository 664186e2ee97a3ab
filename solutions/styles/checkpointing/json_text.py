"""Everything in one JSON text with hexadecimal numbers, written under another name and renamed."""

import json
import os
import pathlib

import torch


def _text(tensor):
    tensor = tensor.detach().contiguous()
    return [str(tensor.dtype).split(".")[1], list(tensor.shape), bytes(tensor.view(-1).view(torch.uint8).tolist()).hex()]


def _tensor(saved):
    dtype, shape, text = saved
    return torch.frombuffer(bytearray.fromhex(text), dtype=getattr(torch, dtype)).reshape(shape)


def save_checkpoint(path: str, model, optimizer, step: int) -> None:
    memory = optimizer.state_dict()
    saved = {
        "model": {name: _text(tensor) for name, tensor in model.state_dict().items()},
        "moments": {n: {k: _text(v) for k, v in of.items()} for n, of in memory["state"].items()},
        "groups": memory["param_groups"],
        "random": _text(torch.get_rng_state()),
        "step": step,
    }
    following = pathlib.Path(f"{path}.following")
    following.write_text(json.dumps(saved))
    os.replace(following, path)


def load_checkpoint(path: str, model, optimizer) -> int:
    saved = json.loads(pathlib.Path(path).read_text())
    weights = {name: _tensor(text) for name, text in saved["model"].items()}
    if {n: t.shape for n, t in weights.items()} != {n: t.shape for n, t in model.state_dict().items()}:
        raise KeyError("these weights are of another model")
    model.load_state_dict(weights)
    moments = {int(n): {k: _tensor(v) for k, v in of.items()} for n, of in saved["moments"].items()}
    optimizer.load_state_dict({"state": moments, "param_groups": saved["groups"]})
    torch.set_rng_state(_tensor(saved["random"]))
    return saved["step"]
