"""A temporary file with a name of its own in the same folder, forced onto the disk before it gets its final name."""

import copy
import os
import tempfile

import torch


def save_checkpoint(path, model, optimizer, step):
    file = tempfile.NamedTemporaryFile("wb", dir=os.path.dirname(os.path.abspath(path)), delete=False)
    try:
        with file:
            torch.save(
                {
                    "parameters": {name: p.detach().cpu() for name, p in model.named_parameters()},
                    "buffers": dict(model.named_buffers()),
                    "optimizer": copy.deepcopy(optimizer.state_dict()),
                    "rng": torch.get_rng_state(),
                    "global_step": step,
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, path)
    except BaseException:
        os.unlink(file.name)
        raise


def load_checkpoint(path, model, optimizer):
    saved = torch.load(path, map_location="cpu", weights_only=False)
    trial = copy.deepcopy(model)
    for target in (trial, model):  # what doesn't fit fails on the copy
        with torch.no_grad():
            for name, parameter in target.named_parameters():
                if parameter.shape != saved["parameters"][name].shape:
                    raise ValueError(name)
                parameter.copy_(saved["parameters"][name])
            for name, buffer in target.named_buffers():
                buffer.copy_(saved["buffers"][name])
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["rng"])
    return saved["global_step"]
