import contextlib
import os
import tempfile

import torch


@contextlib.contextmanager
def replacing(path):
    """A file that takes the place of path if all goes well."""
    folder, name = os.path.split(os.path.abspath(path))
    with tempfile.TemporaryDirectory(dir=folder) as where:
        draft = os.path.join(where, name)
        yield draft
        os.replace(draft, path)


def shapes(state):
    return {name: tuple(value.shape) for name, value in state.items()}


def snapshot(model, optimizer, step):
    return [
        step,
        {name: w.to(torch.bfloat16) if w.dtype == torch.float32 else w for name, w in model.state_dict().items()},
        optimizer.state_dict(),
        torch.get_rng_state(),
    ]


def save_checkpoint(path, model, optimizer, step):
    with replacing(path) as draft:
        torch.save(snapshot(model, optimizer, step), draft)


def load_checkpoint(path, model, optimizer):
    step, weights, moments, noise = torch.load(path)
    if shapes(weights) != shapes(model.state_dict()):
        raise ValueError("model and checkpoint differ")
    model.load_state_dict(weights)
    optimizer.load_state_dict(moments)
    torch.set_rng_state(noise)
    return step
