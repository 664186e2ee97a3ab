"""Which row of `pos_emb` each position takes, and what the lesson's model by hand says about *bananas*."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from grader.checks import Handle, Port, values
from grader.pictures import Bars, HeatMap, Picture, table
from tests.visible import models

TEXT = torch.tensor([[0, 1, 1]])
WORDS = ("ba", "na", "s")
TOKENS = torch.tensor([[1.0, 4.0], [0.0, 2.0], [2.0, 2.0]], dtype=torch.float64)
POSITIONS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [3.0, 0.0], [2.0, 4.0]], dtype=torch.float64)
HEAD = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
CLOSE = 1e-3
"""The lesson's numbers forget about eps."""
ABOUT_POSITIONS = (
    "A row for each position of a text with three tokens, a column for each row of pos_emb. "
    "A square is full if changing that row of pos_emb changes the logits at that position. The only block adds nothing."
)
ABOUT_LOGITS = (
    "The lesson's model by hand, after the text 'ba na na'. The largest logit is the token that it expects next."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw the positions, and the logits of the lesson's model."""
    return [_positions(learner), _logits(learner)]


def _positions(learner: Port) -> Picture:
    model = models.built(learner, n_layers=1)
    parameters = models.drawn(model, 1, silent=[0])
    in_idx, rows = models.ids(1, 3, vocab_size=3), models.CONTEXT
    before = models.logits_of(model.set_parameters(parameters), in_idx)
    taken = torch.zeros(3, rows)
    for row in range(rows):
        changed = parameters["pos_emb.weight"].clone()
        changed[row] = values(models.WIDTH, seed=row + 5)
        after = models.logits_of(model.set_parameters({"pos_emb.weight": changed}), in_idx)
        taken[:, row] = ((after - before)[0].abs().amax(dim=-1) > CLOSE).float()
        model.set_parameters(parameters)
    expected = torch.eye(3, rows)
    marked = frozenset((position, row) for position, row in (taken != expected).nonzero().tolist())
    labels = tuple(f"at {position}" for position in range(3)), tuple(map(str, range(rows)))
    panel = HeatMap("the row of pos_emb that each position takes", table(taken.tolist()), *labels, marked)
    return Picture("Positions", (panel,), _about_positions(taken, expected), ABOUT_POSITIONS)


def _about_positions(taken: Tensor, expected: Tensor) -> tuple[str, ...]:
    sentences = []
    for position in range(len(taken)):
        if not torch.equal(taken[position], expected[position]):
            rows = [str(row) for row in taken[position].nonzero().flatten().tolist()]
            got = f"takes row {' and '.join(rows)}" if rows else "takes no row"
            sentences.append(f"position {position} {got} of pos_emb, expected row {position}.")
    return tuple(sentences)


def _logits(learner: Port) -> Picture:
    sizes = {"vocab_size": 3, "emb_dim": 2, "context_length": len(POSITIONS), "n_layers": 1}
    model = models.built(learner, **sizes)
    parameters = models.drawn(model, 0, silent=[0]) | {"out_head.weight": HEAD}
    parameters |= {"tok_emb.weight": TOKENS, "pos_emb.weight": POSITIONS}
    parameters |= {"final_norm.scale": torch.ones(2).double(), "final_norm.shift": torch.zeros(2).double()}
    got = _last(model.set_parameters(parameters))
    wirings = _wirings()
    expected = wirings.pop(RIGHT)
    panels = tuple(
        Bars(title, WORDS, tuple(logits.tolist())) for title, logits in (("yours", got), ("expected", expected))
    )
    return Picture("After 'ba na na'", panels, _about_logits(got, expected, wirings), ABOUT_LOGITS)


def _last(model: Handle) -> Tensor:
    return models.logits_of(model, TEXT, vocab_size=3)[0, -1]


RIGHT = "positions, a norm, and logits"


def _wirings() -> dict[str, Tensor]:
    """Work out the last position's logits in the right wiring and in others."""
    stream = TOKENS[1] + POSITIONS[2]
    logits = HEAD @ F.layer_norm(stream, (2,))
    return {
        RIGHT: logits,
        "no positions are added, or wrong ones": HEAD @ F.layer_norm(TOKENS[1], (2,)),
        "final_norm is missing": HEAD @ stream,
        "a softmax follows the head": logits.softmax(dim=0),
        "a log-softmax follows the head": logits.log_softmax(dim=0),
    }


def _about_logits(got: Tensor, expected: Tensor, others: dict[str, Tensor]) -> tuple[str, ...]:
    if torch.allclose(got, expected, rtol=0, atol=CLOSE):
        return ()
    shown = [f"({', '.join(f'{number:.2f}' for number in logits.tolist())})" for logits in (got, expected)]
    sentence = f"your logits are {shown[0]} instead of {shown[1]}"
    alike = [name for name, other in others.items() if torch.allclose(got, other, rtol=0, atol=CLOSE)]
    return (f"{sentence}. You get this if {', or if '.join(alike)}." if alike else f"{sentence}.",)
