"""How the checks of `layer_norm` build a LayerNorm, and what they feed it."""

import torch
from hypothesis import strategies as st

from grader.checks import Handle, Layer, Port, Size, Tolerance, sizes, values
from grader.tolerance import FLOAT32


def norm_of(port: Port, emb_dim: int, **parameters: torch.Tensor) -> Handle:
    """Build a LayerNorm in float64 and set these parameters; without any, set scale to 1 and shift to 0."""
    norm = port.build("LayerNorm", emb_dim=emb_dim).double()
    if not parameters:  # another check is about which there are, and how they start
        actual = norm.parameters()
        starts = {"scale": 1.0, "shift": 0.0}
        parameters = {name: torch.full_like(actual[name].value, starts[name]) for name in starts if name in actual}
    return norm.set_parameters(parameters)


def steady(size: Size, seed: int) -> torch.Tensor:
    """Draw rows of which none is nearly constant: there the slope is steep, and rounding errors dominate."""
    x = values(*size["lead"], size["emb_dim"], seed=seed)
    x[..., 0] = x[..., 1:].amax(dim=-1) + 1.0
    return x


def limit(x: torch.Tensor, gradient: bool = False) -> Tolerance:
    """Return how far right outputs for these rows, or gradients, may be off if parts are computed in float32.

    Rounding moves a number by a part of its size, and the spread that it is divided by can be much smaller.
    """
    spreads = (x.var(dim=-1, unbiased=False) + 1e-5).sqrt()
    ratio = float((x.abs().amax(dim=-1) / spreads).max())
    return Tolerance(FLOAT32.relative + 16 * 2.0**-24 * ratio, 1 / float(spreads.min()) if gradient else 1.0)


NORM = Layer(
    build=lambda port, size: port.build("LayerNorm", emb_dim=size["emb_dim"]),
    sizes={"lead": st.tuples(sizes(1, 3)), "emb_dim": sizes(2, 6), "scale": 1.0, "mean": 0.0},
    inputs=steady,
    shapes=lambda size: {"scale": (size["emb_dim"],), "shift": (size["emb_dim"],)},
    dims=("batch", "token", "feature"),
    changing=("lead",),
    spread=1.0,
    limit=limit,
)
"""`lead` are the dimensions before the features, by default a number of rows; numbers have a `mean` and a `scale`."""
ANY_LEAD = st.lists(sizes(1, 3), max_size=3)
TEXTS = st.tuples(sizes(1, 3), sizes(1, 3))
