"""What can be measured about attention: its table of weights, read from the output, and what the table is made of.

If each token is one-hot and the values are the tokens themselves, then row i of the output is row i of the table. If
the keys are the tokens, too, the queries can set each score to any number. As in `tests.visible.attention`, `num_heads`
is None for `CausalAttention`; each head of a `MultiHeadAttention` gets the same table, and the first one is read.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import torch

from grader.checks import Port, expect_tensor, values
from tests.visible import attention

FLOAT64 = torch.float64
TOKENS = 4
CLOSE = 1e-5


def table(
    learner: Port,
    num_heads: int | None,
    scores: torch.Tensor,
    *,
    width: int | None = None,
    d_in: int | None = None,
    context_length: int | None = None,
    dropout: float = 0.0,
    training: bool = False,
    batch: int = 1,
) -> torch.Tensor:
    """Return the table of weights `(batch, tokens, tokens)` for the products of queries and keys `(tokens, tokens)`.

    Args:
        learner: the port to the learner's module.
        num_heads: the number of heads, or None.
        scores: the products, before they are scaled.
        width: the width of each head's queries, at least the number of tokens, which is the default.
        d_in: the width of the input, at least the number of tokens, which is the default.
        context_length: the number of tokens by default.
        dropout: the rate.
        training: whether the module is in training mode.
        batch: how many times the same sequence is in the batch.
    """
    tokens = len(scores)
    width, d_in = width or tokens, d_in or tokens
    plain = torch.zeros(width, d_in, dtype=FLOAT64)
    query, key, value = plain.clone(), plain.clone(), plain.clone()
    query[:tokens, :tokens] = scores.T
    key[:tokens, :tokens] = value[:tokens, :tokens] = torch.eye(tokens)
    drawn = attention.projections(*(part.repeat(num_heads or 1, 1) for part in (query, key, value)))
    module = attention.build(learner, drawn, context_length or tokens, num_heads=num_heads, dropout=dropout)
    x = torch.eye(tokens, d_in, dtype=FLOAT64).expand(batch, tokens, d_in).contiguous()
    output = (module.train() if training else module)(x)
    whole = expect_tensor(output, (batch, tokens, width * (num_heads or 1)), FLOAT64, finite=False)
    return whole[..., :tokens]


def seen(learner: Port, num_heads: int | None) -> str | None:
    """Let all scores be 0, and look at which tokens get any weight."""
    found = table(learner, num_heads, torch.zeros(TOKENS, TOKENS))[0]
    if found.isnan().all(dim=1)[0] and not found[1:].isnan().all():
        return "The first token's weights are nan: your mask hides every token from it, even itself."
    looks = found.abs() > CLOSE
    if (looks == torch.ones(TOKENS, TOKENS).tril().bool()).all() or found.isnan().any():
        return None
    if looks.all():
        return f"Every token looks at all tokens, later ones too: token 0 takes {found[0, -1]:.2f} from token 3."
    if not looks.tril(-1).any() and looks.triu(1).any():
        return "Your tokens look at later tokens, and not at earlier ones: the mask hides the wrong side."
    for row, column in itertools.product(range(TOKENS), range(TOKENS)):
        if looks[row, column] and column > row:
            return f"Token {row} looks at token {column}, which comes after it."
    if not looks.diagonal()[1:].any():
        return "No token looks at itself, only at those before it."
    row, column = next((r, c) for r, c in itertools.product(range(TOKENS), range(TOKENS)) if c <= r and not looks[r, c])
    return f"Token {row} doesn't look at token {column}, which comes {'before it' if column < row else 'right there'}."


def sums(learner: Port, num_heads: int | None) -> str | None:
    """Add up the weights of each token."""
    scores = values(TOKENS, TOKENS, seed=1)
    found = table(learner, num_heads, scores)[0]
    rows, columns = found.sum(dim=1), found.sum(dim=0)
    if found.isnan().any() or _near(rows, 1.0):
        return None
    if _near(columns, 1.0):
        return f"Each column of your weights sums to 1, but row 1 sums to {rows[1]:.3f}: softmax goes over the queries."
    if _near(rows, float(rows[0])):
        width = TOKENS
        known = {1 / math.sqrt(width): "1/√d", math.sqrt(width): "√d", 1 / width: "1/d"}
        name = next((text for number, text in known.items() if abs(number - rows[0]) < CLOSE), "")
        more = f", which is {name} here (queries are {width} wide): do you scale after softmax?" if name else "."
        return f"Each token's weights sum to {rows[0]:.3f}, not to 1{more}"
    whole = torch.softmax(scores / math.sqrt(TOKENS), dim=-1).tril().sum(dim=1)
    if torch.allclose(rows, whole, atol=1e-4):
        return (
            f"Token 0's weights sum to {rows[0]:.3f}, not to 1: softmax gives weight to later tokens, too, and your "
            "mask takes it away afterward."
        )
    return f"Token 1's weights sum to {rows[1]:.3f}, not to 1."


def factor(learner: Port, num_heads: int | None) -> str | None:
    """Change a score by 1, and see by which factor a weight changes; at two sizes, to tell formulas apart."""
    sizes = [(4, 3, 5), (9, 4, 7)]
    found = [_factor(learner, num_heads, *size) for size in sizes]
    wanted = [1 / math.sqrt(width) for width, *_ in sizes]
    if any(number is None for number in found) or all(map(_alike, found, wanted)):
        return None
    name = next((text for text, numbers in _formulas(num_heads, sizes) if all(map(_alike, found, numbers))), "")
    heads = "head_dim" if num_heads else "d_out"
    more = f"; {found[0]:.4g} is {name}" if name else ""
    return f"Your scores are multiplied by {found[0]:.4g}, expected {wanted[0]:.4g} = 1/√{heads}{more}."


def _factor(learner: Port, num_heads: int | None, width: int, d_in: int, context_length: int) -> float | None:
    """Return the number that multiplies scores; None if weights aren't powers of scores."""
    factors = []
    for score in (1.0, 2.0):
        scores = torch.zeros(2, 2)
        scores[1, 0] = score
        found = table(learner, num_heads, scores, width=width, d_in=d_in, context_length=context_length, batch=3)[0]
        if not (found[1] > 0).all():
            return None
        factors.append(float((found[1, 0] / found[1, 1]).log()) / score)
    return factors[0] if abs(factors[0] - factors[1]) < 1e-4 else None


def _formulas(num_heads: int | None, sizes: list[tuple[int, int, int]]) -> Iterator[tuple[str, list[float]]]:
    """Yield the numbers that people multiply scores by, with their names."""
    heads = num_heads or 1
    own, whole = ("head_dim", "d_out") if num_heads else ("d_out", "d_out")
    named = {
        own: [width for width, *_ in sizes],
        whole: [width * heads for width, *_ in sizes],
        "d_in": [d_in for _, d_in, _ in sizes],
        "context_length": [context for *_, context in sizes],
        "the number of tokens": [2 for _ in sizes],
        "the batch size": [3 for _ in sizes],
        "num_heads": [heads for _ in sizes],
    }
    yield "1: they aren't scaled at all", [1.0 for _ in sizes]
    for name, numbers in named.items():
        if all(number == 1 for number in numbers):
            continue
        yield f"1/√{name}" if " " not in name else f"1/√ of {name}", [1 / math.sqrt(number) for number in numbers]
        yield f"1/{name}", [1 / number for number in numbers]
        yield f"√{name}", [math.sqrt(number) for number in numbers]
        yield name, [float(number) for number in numbers]
        yield f"1 divided by the fourth root of {name}", [number**-0.25 for number in numbers]
        yield f"1/√(2 · {name})", [1 / math.sqrt(2 * number) for number in numbers]


def scored(learner: Port, num_heads: int | None) -> str | None:
    """Draw all projections, and see which two of them the scores compare."""
    d_out = 4
    heads = num_heads or 1
    drawn = attention.draw(3, d_out * heads, 3, scale=1.0)
    drawn["W_value.weight"][:, 2] = 0.0
    x = values(1, 2, 3, seed=4)
    x[0, :, 2] = torch.tensor([1.0, 0.0])
    # The output's last column is the weight for token 0, because only its value has a 1 there.
    drawn["W_value.weight"][d_out - 1] = torch.tensor([0.0, 0.0, 1.0])
    module = attention.build(learner, drawn, 2, num_heads=num_heads)
    share = float(expect_tensor(module(x), (1, 2, d_out * heads), FLOAT64)[0, 1, d_out - 1])
    if not 1e-6 < share < 1 - 1e-6:
        return None
    got = math.log(share / (1 - share))
    names = {"queries": "W_query.weight", "keys": "W_key.weight", "values": "W_value.weight"}
    vectors = {name: x[0] @ drawn[weight][:d_out].T for name, weight in names.items()}

    def difference(first: str, second: str) -> float:
        row, others = vectors[first][1], vectors[second]
        return float(row @ (others[0] - others[1])) / math.sqrt(d_out)

    if abs(got - difference("queries", "keys")) < 1e-4:
        return None
    for first, second in itertools.product(vectors, vectors):
        if abs(got - difference(first, second)) < 1e-4:
            return f"Your scores compare a token's {first} with the other tokens' {second}, expected queries with keys."
    return None


def value(learner: Port, num_heads: int | None) -> str | None:
    """Let a single token look at itself, and see which projection its output is."""
    heads = num_heads or 1
    d_out = 2 * heads
    drawn = attention.draw(d_out, d_out, 5, scale=1.0)
    x = values(1, 1, d_out, seed=6)
    module = attention.build(learner, drawn, 1, num_heads=num_heads)
    got = expect_tensor(module(x), (1, 1, d_out), FLOAT64)[0, 0]
    token = x[0, 0]
    known = {
        "queries": drawn["W_query.weight"] @ token,
        "keys": drawn["W_key.weight"] @ token,
        "inputs, without W_value": token,
        "values, with W_value transposed": drawn["W_value.weight"].T @ token,
    }
    if torch.allclose(got, drawn["W_value.weight"] @ token, atol=1e-4):
        return None
    name = next((text for text, vector in known.items() if torch.allclose(got, vector, atol=1e-4)), "")
    return f"A token that sees only itself comes out as its own weight times the {name}." if name else None


def dropout(learner: Port, num_heads: int | None) -> str | None:
    """Look at the table in training mode, for many equal sequences, next to the one in evaluation mode."""
    rate, batch = 0.25, 60
    scores = values(TOKENS, TOKENS, seed=2, scale=0.5)
    usual = table(learner, num_heads, scores)[0]
    evaluated = table(learner, num_heads, scores, dropout=rate, batch=2)
    if usual.isnan().any():
        return None
    if not torch.allclose(evaluated, usual.expand_as(evaluated), atol=1e-4):
        return "In evaluation mode, your module still drops something."
    got = table(learner, num_heads, scores, dropout=rate, training=True, batch=batch)
    visible = usual > CLOSE
    gone = got.abs() < 1e-9
    share = float(gone[:, visible].double().mean())
    if share < 0.02 and torch.allclose(got, usual.expand_as(got), atol=1e-4):
        return f"In training mode with dropout={rate}, nothing is dropped."
    kept = (got / usual)[:, visible][~gone[:, visible]]
    if len(kept) and _near(got.sum(dim=-1), 1.0) and share > 0.02:
        return (
            "In training mode, each token's weights still sum to 1 although some are 0: you drop scores before "
            "softmax, or share out again what was dropped."
        )
    if len(kept) and not _near(kept, 1 / (1 - rate)) and _near(kept, float(kept[0])):
        return (
            f"In training mode with dropout={rate}, those that are kept are {kept[0]:.3f} times as large as usual, "
            f"expected {1 / (1 - rate):.3f} = 1/(1 - {rate})."
        )
    # 600 weights: the share is 0.25, give or take 0.018.
    if abs(share - rate) > 0.1:
        return f"In training mode with dropout={rate}, {share:.0%} of the weights are 0, expected {rate:.0%}."
    return None


def _near(found: torch.Tensor, number: float) -> bool:
    return bool(((found - number).abs() < 1e-4).all())


def _alike(found: float | None, number: float) -> bool:
    return found is not None and math.isclose(found, number, rel_tol=1e-4)
