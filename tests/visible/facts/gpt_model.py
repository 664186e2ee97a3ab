"""What can be measured about `gpt_model`: its parameters, and where dropout acts, and on what."""

import torch

from grader.checks import Port, fact
from tests.visible.models import CONTEXT, all_shapes, built, config, ids, logits_of, transparent

RATE = 0.5
WIDTH, TEXTS = 32, 8
TOKEN, POSITION = 1.0, (0.0, 2.0)
"""The numbers of the token embeddings, and of the even and the odd features of the position embeddings."""
WHY = "Dropout acts once, on the sum of both embeddings, so that a dropped number is gone completely."
LEVELS = {
    "": ([0.0, 2.0], [0.0, 6.0]),
    "acts on the token embeddings only.": ([0.0, 2.0], [2.0, 4.0]),
    "acts on the position embeddings only.": ([1.0], [1.0, 5.0]),
    "acts on each of the two embeddings by itself.": ([0.0, 2.0], [0.0, 2.0, 4.0, 6.0]),
    "drops none of the embeddings' numbers.": ([1.0], [3.0]),
}
"""For each way to drop half of the numbers, those that even and odd features may have afterward."""


def _shown(learner: Port) -> torch.Tensor:
    """Return what goes into the last norm, up to a factor and a number added, `(rows, WIDTH)`, in training mode."""
    model = built(learner, vocab_size=WIDTH, emb_dim=WIDTH, n_layers=1, drop_rate=RATE)
    weights = transparent(model, WIDTH)
    weights["tok_emb.weight"] = torch.full_like(weights["tok_emb.weight"], TOKEN)
    weights["pos_emb.weight"] = torch.tensor(POSITION).double().repeat(CONTEXT, WIDTH // 2)
    in_idx = ids(TEXTS, CONTEXT, vocab_size=WIDTH)
    return logits_of(model.set_parameters(weights).train(), in_idx, WIDTH).flatten(0, 1)


def _fits(row: torch.Tensor, levels: tuple[list[float], list[float]]) -> bool:
    """Say whether a row can have these numbers in its even and odd features, after a norm."""
    even, odd = (sorted({round(float(number), 5) for number in part}) for part in (row[::2], row[1::2]))
    if len(even) != len(levels[0]) or len(odd) != len(levels[1]):
        return False
    low, high = min(levels[0] + levels[1]), max(levels[0] + levels[1])
    got_low, got_high = min(even + odd), max(even + odd)
    if got_high <= got_low:
        return False
    factor = (high - low) / (got_high - got_low)
    found = [low + (number - got_low) * factor for number in even + odd]
    return all(abs(number - level) < 0.01 for number, level in zip(found, levels[0] + levels[1], strict=True))


@fact(
    why="An optimizer trains the parameters that a model lists, and only those are saved, converted and moved.",
    hint="Print the names of your model's parameters. Which layers does `nn.Module` know of?",
)
def parameters(learner: Port) -> str | None:
    """Look for parts of the model whose parameters aren't among the model's own."""
    names = learner.build("GPTModel", cfg=config()).parameters().keys()
    for part in dict.fromkeys(name.partition(".")[0] for name in all_shapes()):
        if names and not any(name.startswith(f"{part}.") for name in names):
            return f"None of the parameters of `{part}` is among those of your model, so they aren't trained."
    return None


@fact(why=WHY, hint="Between which two lines of forward does your dropout act?")
def dropout_at_the_end(learner: Port) -> str | None:
    """See whether numbers are exactly 0 after the last norm, which makes none of them 0 here."""
    share = float((_shown(learner).abs() < 1e-9).double().mean())
    if share < 0.1:
        return None
    return f"In training mode, {share:.0%} of what comes out of the last norm is 0: something is dropped after it."


@fact(why=WHY, hint="Look at what you pass to your dropout, and count its calls.")
def dropout(learner: Port) -> str | None:
    """Give the two embeddings numbers whose sums show what was dropped."""
    rows = _shown(learner)
    fitting = {text: sum(_fits(row, levels) for row in rows) for text, levels in LEVELS.items()}
    best = max(fitting, key=lambda text: fitting[text])
    if fitting[best] < len(rows) // 2 or not best:
        return None
    return f"In training mode, your dropout {best}"
