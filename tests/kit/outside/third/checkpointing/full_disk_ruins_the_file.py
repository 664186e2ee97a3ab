import io

import torch


def to_bytes(thing):
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    return buffer.getvalue()


def write_safely(path, data):
    f = open(path, "wb")
    try:
        f.write(data)
    finally:
        f.close()


def same_shapes(a, b):
    if list(a.keys()) != list(b.keys()):
        return False
    for key in a:
        if a[key].shape != b[key].shape:
            return False
    return True


def save_checkpoint(path, model, optimizer, step):
    data = to_bytes({
        "weights": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "rng": torch.get_rng_state(),
        "step": step,
    })
    write_safely(path, data)


def load_checkpoint(path, model, optimizer):
    with open(path, "rb") as f:
        everything = torch.load(io.BytesIO(f.read()), weights_only=False)
    if not same_shapes(everything["weights"], model.state_dict()):
        raise RuntimeError("this checkpoint belongs to another model")
    model.load_state_dict(everything["weights"])
    optimizer.load_state_dict(everything["optimizer"])
    torch.set_rng_state(everything["rng"])
    return everything["step"]
