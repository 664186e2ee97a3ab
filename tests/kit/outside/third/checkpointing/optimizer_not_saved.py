import os

import torch


def save_checkpoint(path, model, optimizer, step):
    checkpoint = {
        "model_state_dict": model.state_dict(),
        "rng_state": torch.get_rng_state(),
        "step": step,
    }
    tmp = path + ".tmp"
    try:
        torch.save(checkpoint, tmp)
        os.replace(tmp, path)
    except BaseException:
        if os.path.exists(tmp):
            os.remove(tmp)
        raise


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu", weights_only=False)
    saved = checkpoint["model_state_dict"]
    current = model.state_dict()
    if saved.keys() != current.keys():
        raise ValueError("the checkpoint is of another model")
    for name in saved:
        if saved[name].shape != current[name].shape:
            raise ValueError(f"{name}: {tuple(saved[name].shape)} does not fit {tuple(current[name].shape)}")
    model.load_state_dict(saved)
    torch.set_rng_state(checkpoint["rng_state"])
    return checkpoint["step"]
