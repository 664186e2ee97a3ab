"""Makes all bytes in memory, then writes them to a neighbor of the file with pathlib."""

import io
from pathlib import Path

import torch


def save_checkpoint(path, model, optimizer, step):
    buffer = io.BytesIO()
    torch.save([model.state_dict(), optimizer.state_dict(), torch.random.get_rng_state(), step], buffer)
    neighbor = Path(path).with_name(Path(path).name + ".tmp")
    neighbor.write_bytes(buffer.getvalue())
    neighbor.replace(path)


def load_checkpoint(path, model, optimizer):
    weights, memory, random_state, step = torch.load(io.BytesIO(Path(path).read_bytes()))
    for name, tensor in model.state_dict().items():
        assert tensor.shape == weights[name].shape, name
    model.load_state_dict(weights)
    optimizer.load_state_dict(memory)
    torch.random.set_rng_state(random_state)
    return step
