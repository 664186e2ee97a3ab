"""What the checks of `gpt_model` share: settings, models in float64 with values that we set, and ids.

All parameters of a `silent` block are zero, so it returns what it gets. Then a model is its embeddings, its last norm
and its head. A model that is right may compute in float32 what it likes, and ids can't be moved a little to measure
that. So all comparisons here allow what float32 explains; a mistake changes far more.
"""

from collections.abc import Iterable
from typing import Any

import torch

from grader.checks import (
    Handle,
    Port,
    Tolerance,
    expect,
    expect_equal,
    expect_on_another_device,
    expect_same,
    expect_tensor,
    values,
)
from grader.wire.plain import Plain
from tests.visible import blocks

FLOAT64 = torch.float64
DIMS = ("text", "token", "logit")
CONTEXT, VOCABULARY, WIDTH = 5, 7, 4
FLOAT32 = Tolerance(3e-5, 1.0)
"""How far float32 rounds in a model this small, with plenty of room."""


def config(**changes: Any) -> dict[str, Any]:
    """Make the settings of a small model, in which no two sizes are equal."""
    sizes = {"vocab_size": VOCABULARY, "context_length": CONTEXT, "emb_dim": WIDTH, "n_heads": 1, "n_layers": 2}
    return sizes | {"drop_rate": 0.0, "qkv_bias": False} | changes


def built(port: Port, **changes: Any) -> Handle:
    """Build a model in float64 and in eval mode."""
    return port.build("GPTModel", cfg=config(**changes)).double().eval()


def outer_shapes(**changes: Any) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the parameters outside the blocks, by name."""
    cfg = config(**changes)
    width, vocab_size = cfg["emb_dim"], cfg["vocab_size"]
    embeddings = {"tok_emb.weight": (vocab_size, width), "pos_emb.weight": (cfg["context_length"], width)}
    return (
        embeddings
        | {"final_norm.scale": (width,), "final_norm.shift": (width,)}
        | {"out_head.weight": (vocab_size, width)}
    )


def all_shapes(**changes: Any) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all parameters, by name."""
    cfg = config(**changes)
    of_block = blocks.shapes_of(cfg["emb_dim"], cfg["qkv_bias"])
    in_blocks = {f"trf_blocks.{n}.{name}": shape for n in range(cfg["n_layers"]) for name, shape in of_block.items()}
    return outer_shapes(**changes) | in_blocks


def drawn(model: Handle, seed: int, silent: Iterable[int] = ()) -> dict[str, torch.Tensor]:
    """Draw values for the parameters that a model has; those of the blocks with these numbers get zeros."""
    return blocks.drawn(model, seed, silent=[f"trf_blocks.{number}" for number in silent])


def ids(*shape: int, seed: int = 0, vocab_size: int = VOCABULARY) -> torch.Tensor:
    """Draw ids."""
    return torch.randint(vocab_size, shape, generator=torch.Generator().manual_seed(seed))


def logits_of(
    model: Handle, in_idx: torch.Tensor, vocab_size: int = VOCABULARY, what: str = "the output"
) -> torch.Tensor:
    """Return a model's logits in float64, after a look at their form."""
    return expect_tensor(model(in_idx), (*in_idx.shape, vocab_size), FLOAT64, what)


def expect_logits(got: Plain, expected: torch.Tensor, what: str = "the logits") -> None:
    """Fail unless logits are those expected, as far as float32 can tell."""
    expect_equal(got, expected, what, dims=DIMS, tolerance=FLOAT32)


def expect_same_logits(got: Plain, other: torch.Tensor, what: str) -> None:
    """Fail unless logits are the same as others that the learner's code gives, as far as float32 can tell."""
    expect_same(got, other, what, dims=DIMS, tolerance=FLOAT32)


def expect_logits_on_another_device(port: Port, in_idx: torch.Tensor, **changes: Any) -> None:
    """Fail unless a model that is moved to another device computes there."""
    model, moved = (port.probe("moved", of=of) for of in (built(port, **changes), in_idx))
    expect_on_another_device(port, lambda: model.keep("__call__", moved), "the logits")


def transparent(model: Handle, emb_dim: int) -> dict[str, torch.Tensor]:
    """Make values with which logits show the last norm's input: embeddings and blocks add nothing, the head copies."""
    weights = {name: torch.zeros_like(value) for name, value in drawn(model, 0).items()}
    weights["final_norm.scale"] = torch.ones(emb_dim, dtype=FLOAT64)
    return weights | {"out_head.weight": torch.eye(emb_dim, dtype=FLOAT64)}


def dropped_in(shown: torch.Tensor) -> torch.Tensor:
    """Say which numbers of what a transparent model shows were dropped, if all of them were equal before."""
    return shown < shown.amax(dim=-1, keepdim=True) - 1e-6


def expect_share_dropped(port: Port, rate: float, name: str, what: str) -> None:
    """Fail unless training mode drops this share of numbers that are all one, because a parameter is.

    What was kept comes out of the last norm as the largest number of its token, what was dropped as a smaller one.
    """
    width, texts = 16, 20
    model = built(port, vocab_size=width, emb_dim=width, n_layers=1, drop_rate=rate)
    weights = transparent(model, width)
    if name not in weights:
        return  # another check is about the parameters
    weights[name] = torch.ones_like(weights[name])
    in_idx = ids(texts, CONTEXT, vocab_size=width)
    shown = logits_of(model.set_parameters(weights).train(), in_idx, width)
    share = float(dropped_in(shown).double().mean())
    slack = 6 * (rate * (1 - rate) / shown.numel()) ** 0.5  # six standard deviations
    where = f"the share of {what} that is dropped"
    expect(abs(share - rate) <= slack, got=f"{share:.3f}", expected=f"{rate} ± {slack:.3f}", where=where)


def expect_cfg_unchanged(port: Port, cfg: dict[str, Any]) -> None:
    """Fail if building a model changes its settings."""
    kept = port.put(cfg)
    port.build("GPTModel", cfg=kept)
    expect_equal(kept.value(), cfg, "cfg after building a model")


def expect_no_dropout(port: Port, rate: float, seed: int) -> None:
    """Fail if the rate makes a difference in eval mode."""
    plain, model = built(port), built(port, drop_rate=rate)
    parameters, in_idx = drawn(plain, seed), ids(2, 3, seed=seed)
    expected = logits_of(plain.set_parameters(parameters), in_idx)
    what = "the logits in eval mode, compared with a model without dropout,"
    expect_same_logits(model.set_parameters(parameters)(in_idx), expected, what)


def expect_dropout_of_the_sum(port: Port, rate: float, seed: int) -> None:
    """Fail if training mode drops something of two embeddings that cancel out everywhere."""
    model, in_idx, vector = built(port, n_layers=1, drop_rate=rate), ids(1, 2, seed=seed), values(WIDTH, seed=seed)
    parameters = drawn(model, seed, silent=[0])
    parameters["tok_emb.weight"] = vector.expand(VOCABULARY, -1)
    parameters["pos_emb.weight"] = -vector.expand(CONTEXT, -1)
    expected = logits_of(model.set_parameters(parameters), in_idx)
    what = "the logits in training mode with rows of tok_emb and pos_emb that cancel out, compared with eval mode,"
    expect_same_logits(model.train()(in_idx), expected, what)
