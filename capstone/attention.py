"""What a learner's attention looks at: its weights, read off its output.

With value vectors that are 1 at their own position and 0 elsewhere, the mixture of values is the attention weights
themselves, however the module computes them.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from grader.study.capstone import Parts

HEADS = "multi_head_attention", "MultiHeadAttention"
ONE_HEAD = "causal_attention", "CausalAttention"


@dataclass(frozen=True)
class Look:
    """What the last token looks at in a head of a block, counted from 1: `(tokens,)` shares that sum to 1."""

    block: int
    head: int
    shares: tuple[float, ...]


def looks_of(parts: Parts, model: nn.Module, ids: Sequence[int], heads: int) -> list[Look]:
    """Say what the last token of a text looks at.

    Args:
        parts: the learner's modules. If their attention with several heads doesn't pass yet, but their attention with
            one head does, that computes the weights, with the parameters of each head in turn.
        model: a trained model.
        ids: the text, with no more tokens than a head is wide.
        heads: the number of heads.
    """
    with_one_head = parts.by_exercise[ONE_HEAD[0]].is_learners and not parts.by_exercise[HEADS[0]].is_learners
    found = []
    for block, (attention, x) in enumerate(_attentions(parts, model, ids), start=1):
        weights = (
            [_with_one_head(parts, attention, x, head, heads) for head in range(heads)]
            if with_one_head
            else _with_heads(parts, attention, x, heads)
        )
        found += [Look(block, head, tuple(each[-1].tolist())) for head, each in enumerate(weights, start=1)]
    return found


def _attentions(parts: Parts, model: nn.Module, ids: Sequence[int]) -> list[tuple[nn.Module, Tensor]]:
    """Return the attention of each block, and the vectors `(1, tokens, width)` that it is given for a text."""
    given: list[tuple[nn.Module, Tensor]] = []
    modules = [module for name, module in model.named_modules() if name.endswith(".att")]
    handles = [
        module.register_forward_pre_hook(lambda module, arguments: given.append((module, arguments[0].detach())))
        for module in modules
    ]
    model.eval()
    try:
        with torch.no_grad(), parts.running():
            model(torch.tensor([list(ids)], device=next(model.parameters()).device))
    finally:
        for handle in handles:
            handle.remove()
    return given


def _position_values(x: Tensor, width: int) -> Tensor:
    """Return the projection `(width, d_in)` after which token t's value is 1 in dimension t, and 0 elsewhere."""
    tokens = x.shape[1]
    wanted = torch.eye(tokens, width, dtype=torch.float64, device=x.device)
    values: Tensor = torch.linalg.pinv(x[0].double()) @ wanted  # (d_in, width)
    return values.T.to(x.dtype)


def _with_heads(parts: Parts, attention: nn.Module, x: Tensor, heads: int) -> list[Tensor]:
    """Return the weights `(tokens, tokens)` of each head."""
    seen = copy.deepcopy(attention)
    width = seen.get_parameter("out_proj.weight").shape[0]
    tokens, head_width = x.shape[1], width // heads
    with torch.no_grad(), parts.running():
        seen.get_parameter("W_value.weight").copy_(_position_values(x, head_width).repeat(heads, 1))
        seen.get_parameter("out_proj.weight").copy_(torch.eye(width))
        seen.get_parameter("out_proj.bias").zero_()
        mixed = seen(x)[0]  # (tokens, width)
    return [mixed[:, head * head_width :][:, :tokens] for head in range(heads)]


def _with_one_head(parts: Parts, attention: nn.Module, x: Tensor, head: int, heads: int) -> Tensor:
    """Return the weights of one head, computed by the learner's attention with one head."""
    width = attention.get_parameter("W_query.weight").shape[0] // heads
    kind = parts.take(*ONE_HEAD)
    with torch.no_grad(), parts.running():
        single: nn.Module = (
            kind(d_in=x.shape[2], d_out=width, context_length=x.shape[1], dropout=0.0).to(x.device).eval()
        )
        for name in ("W_query.weight", "W_key.weight"):
            rows = attention.get_parameter(name)[head * width : (head + 1) * width]
            single.get_parameter(name).copy_(rows)
        single.get_parameter("W_value.weight").copy_(_position_values(x, width))
        mixed: Tensor = single(x)[0]
    return mixed[:, : x.shape[1]]
