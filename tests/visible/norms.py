"""How the checks of `layer_norm` build a LayerNorm, and what they feed it."""

import torch
from hypothesis import strategies as st

from grader.checks import Handle, Layer, Port, Size, sizes, values


def norm_of(port: Port, emb_dim: int, **parameters: torch.Tensor) -> Handle:
    """Build a LayerNorm in float64 and set these parameters."""
    return port.build("LayerNorm", emb_dim=emb_dim).double().set_parameters(parameters)


def steady(size: Size, seed: int) -> torch.Tensor:
    """Draw rows of which none is nearly constant: there the slope is steep, and rounding errors dominate."""
    x = values(*size["lead"], size["emb_dim"], seed=seed)
    x[..., 0] = x[..., 1:].amax(dim=-1) + 1.0
    return x


NORM = Layer(
    build=lambda port, size: port.build("LayerNorm", emb_dim=size["emb_dim"]),
    sizes={"lead": st.tuples(sizes(1, 3)), "emb_dim": sizes(2, 6), "scale": 1.0, "mean": 0.0},
    inputs=steady,
    shapes=lambda size: {"scale": (size["emb_dim"],), "shift": (size["emb_dim"],)},
    dims=("batch", "token", "feature"),
    changing=("lead",),
    spread=1.0,
)
"""`lead` are the dimensions before the features, by default a number of rows; numbers have a `mean` and a `scale`."""
ANY_LEAD = st.lists(sizes(1, 3), max_size=3)
TEXTS = st.tuples(sizes(1, 3), sizes(1, 3))
