import io
import os

import torch


def to_bytes(thing):
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    return buffer.getvalue()


def write_safely(path, data):
    new_path = path + ".part"
    f = open(new_path, "wb")
    try:
        f.write(data)
    finally:
        f.close()
    os.replace(new_path, path)


def same_shapes(a, b):
    if list(a.keys()) != list(b.keys()):
        return False
    for key in a:
        if a[key].shape != b[key].shape:
            return False
    return True


def weights_of(model):
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    frozen = {name for name, p in model.named_parameters()} - trained
    return {name: value for name, value in model.state_dict().items() if name not in frozen}


def save_checkpoint(path, model, optimizer, step):
    data = to_bytes({
        "weights": weights_of(model),
        "optimizer": optimizer.state_dict(),
        "rng": torch.get_rng_state(),
        "step": step,
    })
    write_safely(path, data)


def load_checkpoint(path, model, optimizer):
    with open(path, "rb") as f:
        everything = torch.load(io.BytesIO(f.read()), weights_only=False)
    if not same_shapes(everything["weights"], weights_of(model)):
        raise RuntimeError("this checkpoint belongs to another model")
    model.load_state_dict(everything["weights"], strict=False)
    optimizer.load_state_dict(everything["optimizer"])
    torch.set_rng_state(everything["rng"])
    return everything["step"]
