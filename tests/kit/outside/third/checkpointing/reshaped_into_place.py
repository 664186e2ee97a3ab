import os
import pickle
import tempfile

import numpy as np
import torch


def to_plain(x):
    """Tensors become arrays, at any depth."""
    if isinstance(x, torch.Tensor):
        return ("tensor", x.detach().cpu().numpy().copy())
    if isinstance(x, dict):
        return ("dict", [(k, to_plain(v)) for k, v in x.items()])
    if isinstance(x, (list, tuple)):
        return (type(x).__name__, [to_plain(v) for v in x])
    return ("value", x)


def from_plain(x):
    kind, value = x
    if kind == "tensor":
        return torch.from_numpy(np.array(value))
    if kind == "dict":
        return {k: from_plain(v) for k, v in value}
    if kind == "list":
        return [from_plain(v) for v in value]
    if kind == "tuple":
        return tuple(from_plain(v) for v in value)
    return value


def tensors_of(model):
    yield from model.named_parameters(remove_duplicate=False)
    yield from model.named_buffers(remove_duplicate=False)


def save_checkpoint(path, model, optimizer, step):
    content = {
        "tensors": {name: to_plain(t) for name, t in tensors_of(model)},
        "optimizer": to_plain(optimizer.state_dict()),
        "random": torch.random.get_rng_state().numpy(),
        "step": step,
    }
    data = pickle.dumps(content)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)))
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def load_checkpoint(path, model, optimizer):
    with open(path, "rb") as f:
        content = pickle.load(f)
    ours = dict(tensors_of(model))
    theirs = {name: from_plain(t) for name, t in content["tensors"].items()}
    assert set(ours) == set(theirs), "names differ"
    assert all(ours[n].numel() == theirs[n].numel() for n in ours), "shapes differ"
    with torch.no_grad():
        for name, tensor in ours.items():
            tensor.copy_(theirs[name].reshape(tensor.shape))
    optimizer.load_state_dict(from_plain(content["optimizer"]))
    torch.random.set_rng_state(torch.from_numpy(content["random"].copy()))
    return content["step"]
