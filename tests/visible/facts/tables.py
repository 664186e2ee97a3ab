"""What can be measured about attention: its table of weights, read from the output, and what the table is made of.

If each token is one-hot and the values are the tokens themselves, then row i of the output is row i of the table. If
the keys are the tokens, too, the queries can set each score to any number. As in `tests.visible.attention`, `num_heads`
is None for `CausalAttention`; each head of a `MultiHeadAttention` gets the same table.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping

import torch

from grader.checks import Port, expect_tensor, values
from tests.visible import attention
from tests.visible.facts.layers import alike, name_of, wrong_gradient
from tests.visible.facts.modules import CLOSE, FLOAT64, about, count

TOKENS = 4
LONG = 20
SEQUENCES = 60
PARTS = {"queries": "W_query", "keys": "W_key", "values": "W_value"}


def attend(x: torch.Tensor, drawn: Mapping[str, torch.Tensor], heads: int) -> torch.Tensor:
    """Return the context vectors of all heads, `(batch, tokens, d_out)`, by the definition."""
    tokens = x.shape[1]
    query, key, value = (
        (x @ drawn[f"{name}.weight"].T + drawn.get(f"{name}.bias", torch.zeros(1, dtype=FLOAT64)))
        .unflatten(2, (heads, -1))
        .transpose(1, 2)
        for name in PARTS.values()
    )
    hidden = torch.ones(tokens, tokens).triu(1).bool()
    scores = (query @ key.transpose(2, 3) / query.shape[-1] ** 0.5).masked_fill(hidden, -torch.inf)
    return (torch.softmax(scores, dim=-1) @ value).transpose(1, 2).flatten(2)


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
    head: int = 0,
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
        head: the head whose table is read.
    """
    tokens = len(scores)
    width, d_in = width or tokens, d_in or tokens
    query, key, value = torch.zeros(3, width, d_in, dtype=FLOAT64)
    query[:tokens, :tokens] = scores.T
    key[:tokens, :tokens] = value[:tokens, :tokens] = torch.eye(tokens)
    drawn = attention.projections(*(part.repeat(num_heads or 1, 1) for part in (query, key, value)))
    module = attention.build(learner, drawn, context_length or tokens, num_heads=num_heads, dropout=dropout)
    x = torch.eye(tokens, d_in, dtype=FLOAT64).expand(batch, tokens, d_in).contiguous()
    output = (module.train() if training else module)(x)
    whole = expect_tensor(output, (batch, tokens, width * (num_heads or 1)), FLOAT64, finite=False)
    return whole[..., head * width :][..., :tokens]


@about(
    why="Softmax goes over the keys: each token shares out a weight of 1 among the tokens that it sees.",
    hint="What do the dimensions of your scores stand for, and which of them does softmax get?",
)
def constant(learner: Port, num_heads: int | None) -> str | None:
    """Draw the scores, the same for all heads and sequences, and see whether the weights depend on them at all."""
    batch = 3
    found = table(learner, num_heads, values(TOKENS, TOKENS, seed=17), batch=batch)
    number = float(found[0, 0, 0])
    if not _near(found, number):
        return None
    sizes_of = {"the sequences of the batch": batch, "the heads": num_heads or 1}
    name = next((name for name, size in sizes_of.items() if size > 1 and math.isclose(number * size, 1)), "")
    more = f": softmax goes over {name}" if name else ""
    return f"Every weight is {number:.3g}, whatever the scores are{more}."


@about(
    why="A token looks at itself and at all tokens before it. What comes later is what the model has to predict.",
    hint="Write down your mask for 3 tokens. Which entries does it hide?",
)
def seen(learner: Port, num_heads: int | None) -> str | None:
    """Let all scores be 0, and look at which tokens get any weight: in each head, mode, and with more room."""
    settings: list[tuple[str, dict[str, int | bool]]] = [("", {})]
    settings += [(f"In head {head}, ", {"head": head}) for head in range(1, num_heads or 1)]
    settings += [
        (f"With context_length={TOKENS + 3} and {TOKENS} tokens, ", {"context_length": TOKENS + 3}),
        # A weight that is dropped in one sequence isn't in most others.
        ("In training mode, ", {"training": True, "batch": SEQUENCES}),
    ]
    for where, setting in settings:
        found = table(learner, num_heads, torch.zeros(TOKENS, TOKENS), **setting).amax(0)  # type: ignore[arg-type]
        sentence = _about_seen(found)
        if sentence:
            return f"{where}{sentence[0].lower()}{sentence[1:]}" if where else sentence
    return _about_long(learner, num_heads)


def _about_seen(found: torch.Tensor) -> str | None:
    """Compare which weights aren't 0 with the lower triangle."""
    tokens = len(found)
    if found[0].isnan().all() and not found[1:].isnan().all():
        return "The first token's weights are nan: your mask hides every token from it, even itself."
    looks = found.abs() > CLOSE
    if found.isnan().any() or (looks == torch.ones(tokens, tokens).tril().bool()).all():
        return None
    if looks.all():
        return f"Every token looks at all tokens, later ones too: token 0 takes {found[0, -1]:.2f} from the last."
    if not looks.tril(-1).any() and looks.triu(1).any():
        return "Your tokens look at later tokens, and not at earlier ones: the mask hides the wrong side."
    for row, column in itertools.combinations(range(tokens), 2):
        if looks[row, column]:
            return f"Token {row} looks at token {column}, which comes after it."
    if not looks.diagonal()[1:].any():
        return "No token looks at itself, only at those before it."
    row, column = next(
        (row, column)
        for row, column in itertools.product(range(tokens), repeat=2)
        if column <= row and not looks[row, column]
    )
    return (
        f"Token {row} doesn't look at token {column}, which comes before it."
        if column < row
        else (f"Token {row} doesn't look at itself.")
    )


def _about_long(learner: Port, num_heads: int | None) -> str | None:
    found = table(learner, num_heads, torch.zeros(LONG, LONG))[0]
    sentence = _about_seen(found)
    return f"In a text of {LONG} tokens, {sentence[0].lower()}{sentence[1:]}" if sentence else None


@about(
    why="Weights depend on queries and keys only. Equal scores mean equal weights.",
    hint="What do you add to the scores, or multiply them by?",
)
def shares(learner: Port, num_heads: int | None) -> str | None:
    """Let all scores be 0, and see whether a token takes the same from all that it sees."""
    found = table(learner, num_heads, torch.zeros(TOKENS, TOKENS))[0]
    row = found[TOKENS - 1]
    if found.isnan().any() or _near(row, float(row[0])) or not _near(found.sum(dim=1), 1.0):
        return None
    texts = ", ".join(f"{number:.3g}" for number in row)
    return (
        f"If all scores are 0, token {TOKENS - 1} takes {texts} from tokens 0 to {TOKENS - 1}, expected equal shares."
    )


@about(
    why="Each token shares out a weight of 1 among the tokens that it sees.",
    hint="Over which dimension does your softmax go, and does the mask come before it?",
)
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
        known = {1 / math.sqrt(TOKENS): "1/√d", math.sqrt(TOKENS): "√d", 1 / TOKENS: "1/d"}
        name = next((text for number, text in known.items() if abs(number - rows[0]) < CLOSE), "")
        more = f", which is {name} here (queries are {TOKENS} wide): do you scale after softmax?" if name else "."
        return f"Each token's weights sum to {rows[0]:.3f}, not to 1{more}"
    whole = torch.softmax(scores / math.sqrt(TOKENS), dim=-1).tril().sum(dim=1)
    if torch.allclose(rows, whole, atol=1e-4):
        return (
            f"Token 0's weights sum to {rows[0]:.3f}, not to 1: softmax gives weight to later tokens, too, and your "
            "mask takes it away afterward."
        )
    bad = int((rows - 1).abs().argmax())
    return f"Token {bad}'s weights sum to {rows[bad]:.3f}, not to 1."


@about(
    why="A token's query asks, and the keys of the tokens that it sees answer.",
    hint="In the table of scores, each row belongs to a query and each column to a key.",
)
def scored(learner: Port, num_heads: int | None) -> str | None:
    """Draw all projections, and see which two of them the scores compare, with whatever factor."""
    d_out, heads = 4, num_heads or 1
    found: list[tuple[float, dict[tuple[str, str], float]]] = []
    for seed in (3, 13):
        drawn = attention.draw(3, d_out * heads, seed, scale=0.7)
        # The last column of a head's output is the weight for token 0, because only its value has a 1 there.
        drawn["W_value.weight"][:, 2] = 0.0
        drawn["W_value.weight"][d_out - 1] = torch.tensor([0.0, 0.0, 1.0])
        x = values(1, 2, 3, seed=seed + 1)
        x[0, :, 2] = torch.tensor([1.0, 0.0])
        module = attention.build(learner, drawn, 2, num_heads=num_heads)
        share = float(expect_tensor(module(x), (1, 2, d_out * heads), FLOAT64)[0, 1, d_out - 1])
        if not 1e-6 < share < 1 - 1e-6:
            return None
        vectors = {name: x[0] @ drawn[f"{part}.weight"][:d_out].T for name, part in PARTS.items()}
        differences = {
            (first, second): float(vectors[first][1] @ (vectors[second][0] - vectors[second][1]))
            for first, second in itertools.product(PARTS, repeat=2)
        }
        found.append((math.log(share / (1 - share)), differences))
    (one, ones), (other, others) = found
    fitting = [pair for pair in ones if abs(one * others[pair] - other * ones[pair]) < 1e-4 * abs(ones[pair])]
    if not fitting or ("queries", "keys") in fitting:
        return None
    first, second = fitting[0]
    return f"Your scores compare a token's {first} with the other tokens' {second}, expected queries with keys."


@about(
    why="The dot product of a query and a key has as many terms as they are wide, and grows with the root of that.",
    hint="Which number do you take the square root of?",
)
def factor(learner: Port, num_heads: int | None) -> str | None:
    """Change a score by 1, and see by which factor a weight changes; at two sizes, to tell formulas apart."""
    tried = [(5, 3, 6), (10, 4, 7)]
    found = [_factor(learner, num_heads, *size) for size in tried]
    wanted = [1 / math.sqrt(width) for width, *_ in tried]
    measured = [number for number in found if number is not None]
    if len(measured) < len(tried) or all(map(alike, measured, wanted)):
        return None
    name = name_of(measured, dict(_formulas(num_heads, tried)))
    more = f"; {measured[0]:.4g} is {name}" if name else ""
    width = f"1/√{'head_dim' if num_heads else 'd_out'} for a width of {tried[0][0]}"
    return f"Your scores are multiplied by {measured[0]:.4g}, expected {wanted[0]:.4g} = {width}{more}."


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


def _formulas(num_heads: int | None, tried: list[tuple[int, int, int]]) -> Iterator[tuple[str, list[float]]]:
    """Yield the numbers that people multiply scores by, with their names."""
    heads = num_heads or 1
    named = {
        "head_dim" if num_heads else "d_out": [width for width, *_ in tried],
        "d_out": [width * heads for width, *_ in tried],
        "d_in": [d_in for _, d_in, _ in tried],
        "context_length": [context for *_, context in tried],
        "tokens": [2 for _ in tried],
        "batch": [3 for _ in tried],
        "num_heads": [heads for _ in tried],
    }
    yield "1: nothing scales them", [1.0 for _ in tried]
    for name, numbers in named.items():
        if numbers[0] == 1:
            continue
        yield f"1/√{name}", [1 / math.sqrt(number) for number in numbers]
        yield f"1/{name}", [1 / number for number in numbers]
        yield f"√{name}", [math.sqrt(number) for number in numbers]
        yield name, [float(number) for number in numbers]
        yield f"1 divided by the fourth root of {name}", [number**-0.25 for number in numbers]
        yield f"1/√{name}, with the root rounded down", [1 / math.isqrt(number) for number in numbers]
        yield f"1/√(2 · {name})", [1 / math.sqrt(2 * number) for number in numbers]
        yield f"1/(2 · {name})", [1 / (2 * number) for number in numbers]


@about(
    why="What a token passes on is its value, `W_value` times its vector.",
    hint="What do you multiply by the weights?",
)
def value(learner: Port, num_heads: int | None) -> str | None:
    """Let a single token look at itself, and see which projection its output is."""
    d_out = 2 * (num_heads or 1)
    drawn = attention.draw(d_out, d_out, 5, scale=1.0)
    x = values(1, 1, d_out, seed=6)
    module = attention.build(learner, drawn, 1, num_heads=num_heads)
    got = expect_tensor(module(x), (1, 1, d_out), FLOAT64)[0, 0]
    token = x[0, 0]
    known = {
        "its query": drawn["W_query.weight"] @ token,
        "its key": drawn["W_key.weight"] @ token,
        "its own vector, without W_value": token,
        "W_value transposed times its vector": drawn["W_value.weight"].T @ token,
    }
    if torch.allclose(got, drawn["W_value.weight"] @ token, atol=1e-4):
        return None
    name = next((text for text, vector in known.items() if torch.allclose(got, vector, atol=1e-4)), "")
    return f"A token that sees only itself gives you {name}, expected its value." if name else None


@about(
    why="Head h owns a block of rows of each projection, and the same block of columns of the output.",
    hint="Follow the shapes from (batch, tokens, d_out) to the heads and back. Which dimensions do you swap?",
)
def heads(learner: Port, num_heads: int) -> str | None:
    """Draw all projections, and compare the columns of each head's output with what each head should compute."""
    d_out = 2 * num_heads
    drawn = attention.draw(3, d_out, 7, scale=1.0)
    x = values(2, 3, 3, seed=8)
    got = expect_tensor(attention.build(learner, drawn, 3, num_heads=num_heads)(x), (2, 3, d_out), FLOAT64)
    wanted = attend(x, drawn, num_heads)
    right = [column for column in range(d_out) if torch.allclose(got[..., column], wanted[..., column], atol=1e-4)]
    if len(right) == d_out:
        return None
    for column in range(d_out):
        if column in right:
            continue
        for other in range(d_out):
            if torch.allclose(got[..., column], wanted[..., other], atol=1e-4):
                return (
                    f"With {num_heads} heads, column {column} of the output is what belongs into column {other}: head "
                    f"{other // 2} computes it, expected head {column // 2}."
                )
    if right:
        bad = next(column for column in range(d_out) if column not in right)
        return f"With {num_heads} heads, column {right[0]} of the output is right, but column {bad} isn't."
    values_only = x @ drawn["W_value.weight"].T
    if not torch.allclose(got[:, 0], values_only[:, 0], atol=1e-4):
        return (
            f"With {num_heads} heads, token 0 sees only itself, but its output isn't its value. What cuts the heads, "
            "or joins them, mixes numbers."
        )
    return None


@about(
    why="A linear layer adds its bias to each number of its own.",
    hint="Follow each bias from the argument qkv_bias to the sum.",
)
def biases(learner: Port, num_heads: int | None) -> str | None:
    """Set one bias at a time, and see whether the output is what it should be."""
    count = num_heads or 1
    d_out = 2 * count
    x = values(1, 3, 3, seed=9)
    plain = attention.draw(3, d_out, 10, qkv_bias=True, scale=1.0)
    zeros = {f"{part}.bias": torch.zeros(d_out, dtype=FLOAT64) for part in PARTS.values()}
    module = attention.build(learner, plain | zeros, 3, num_heads=num_heads)
    if not torch.allclose(expect_tensor(module(x), (1, 3, d_out), FLOAT64), attend(x, plain | zeros, count), atol=1e-4):
        return None
    for name, part in PARTS.items():
        drawn = plain | zeros | {f"{part}.bias": plain[f"{part}.bias"]}
        got = expect_tensor(attention.build(learner, drawn, 3, num_heads=num_heads)(x), (1, 3, d_out), FLOAT64)
        if torch.allclose(got, attend(x, drawn, count), atol=1e-4):
            continue
        if torch.allclose(got, attend(x, plain | zeros, count), atol=1e-4):
            # The same bias for all keys changes no weight, so this is about queries and values.
            return f"With qkv_bias=True, {part}.bias changes nothing: you don't add it to the {name}."
        return f"With qkv_bias=True, your output is right while {part}.bias is 0, and wrong with another {part}.bias."
    return None


@about(
    why="out_proj is a linear layer, applied once, after the heads are joined.",
    hint="What is the last line of your forward?",
)
def projected(learner: Port, num_heads: int) -> str | None:
    """Draw out_proj, too, and see what is done with its weight and its bias."""
    d_out = 2 * num_heads
    drawn = attention.draw(3, d_out, 11, num_heads=num_heads, scale=1.0)
    weight, bias = drawn["out_proj.weight"], drawn["out_proj.bias"]
    x = values(1, 3, 3, seed=12)
    got = expect_tensor(attention.build(learner, drawn, 3, num_heads=num_heads)(x), (1, 3, d_out), FLOAT64)
    joined = attend(x, drawn, num_heads)
    if torch.allclose(got, joined @ weight.T + bias, atol=1e-4):
        return None
    known = {
        "the joined heads: out_proj isn't applied": joined,
        "what out_proj's weight gives, without its bias": joined @ weight.T,
        "what out_proj gives with its weight transposed": joined @ weight + bias,
        "what out_proj gives if it is applied twice": (joined @ weight.T + bias) @ weight.T + bias,
        "what out_proj gives with the heads' vectors added to it": joined @ weight.T + bias + joined,
        **{
            f"what out_proj gives with its bias added {times} times": joined @ weight.T + times * bias
            for times in (2, num_heads)
        },
    }
    name = next((text for text, tensor in known.items() if torch.allclose(got, tensor, atol=1e-4)), "")
    return f"Your output is {name}." if name else None


@about(
    why="Row i is softmax over the scores of token i with itself and all tokens before it, and nothing else.",
    hint="Take these scores through your code line by line.",
)
def weights(learner: Port, num_heads: int | None) -> str | None:
    """Compare whole tables with the formula: for small scores, for large ones, for zeros, and for long texts."""
    width = LONG
    large = torch.zeros(TOKENS, TOKENS)
    large[1, 0], large[2, 1], large[3, 0] = 12 * width**0.5, -12 * width**0.5, 25 * width**0.5
    for scores in (
        values(TOKENS, TOKENS, seed=21, scale=width**0.5),
        large,
        values(LONG, LONG, seed=22, scale=3 * width**0.5),
        5.0 * width**0.5 * torch.arange(6.0).expand(6, 6),
    ):
        tokens = len(scores)
        found = table(learner, num_heads, scores, width=width)[0]
        scaled = (scores.double() / width**0.5).masked_fill(torch.ones(tokens, tokens).triu(1).bool(), -torch.inf)
        wanted = torch.softmax(scaled, dim=-1)
        wrong = ~torch.isclose(found, wanted, rtol=0.0, atol=3e-5)
        if wrong.any():
            row = int(wrong.any(dim=1).nonzero()[0])
            first = max(0, min(int(wrong[row].nonzero()[0]), row) - 2)
            numbers = (scaled[row, first : row + 1], found[row, first : row + 1], wanted[row, first : row + 1])
            texts = [", ".join(f"{float(number):.5g}" for number in part[:5]) for part in numbers]
            names = f"tokens {first} to {min(row, first + 4)}" if row > first else f"token {row}"
            return (
                f"If the scaled scores of token {row} with {names} are {texts[0]}, its weights for them are "
                f"{texts[1]}, expected {texts[2]}."
            )
    return None


@about(
    why="What a token passes on and what it compares are its own three projections.",
    hint="Follow one token: which lines mix its numbers with those of another token or another feature?",
)
def mixed(learner: Port, num_heads: int | None) -> str | None:
    """Compare outputs with the formula for drawn projections, for one token, then two, then more."""
    d_out = 3 * (num_heads or 1)
    drawn = attention.draw(2, d_out, 31, scale=1.0)
    module = attention.build(learner, drawn, 7, num_heads=num_heads)
    for tokens in (1, 2, 3, 5, 7):
        x = values(1, tokens, 2, seed=32)
        got, wanted = expect_tensor(module(x), (1, tokens, d_out), FLOAT64), attend(x, drawn, num_heads or 1)
        wrong = ~torch.isclose(got, wanted, rtol=0.0, atol=1e-4)
        if wrong.any():
            _, row, column = wrong.nonzero()[0].tolist()
            right = "the first tokens come out right, but " if row else ""
            return (
                f"For {count(tokens, 'token')} with drawn projections, {right}feature {column} of token {row} is "
                f"{float(got[0, row, column]):.4g}, expected {float(wanted[0, row, column]):.4g}, although a table of "
                "weights by itself is right."
            )
    return None


@about(
    why="All three projections learn from the gradient of the output.",
    hint="Look for detach, .data, item and no_grad.",
)
def gradients(learner: Port, num_heads: int | None) -> str | None:
    """Run a backward pass, and see which projections get no gradient."""
    count = num_heads or 1
    drawn = attention.draw(3, 2 * count, 14, scale=1.0)
    module = attention.build(learner, drawn, 3, num_heads=num_heads)
    found = module.gradients(values(1, 3, 3, seed=15), upstream=values(1, 3, 2 * count, seed=16)).parameters
    for name in attention.PROJECTIONS:
        gradient = found.get(f"{name}.weight")
        if not isinstance(gradient, torch.Tensor) or not gradient.any():
            return (
                f"No gradient reaches {name}: it is cut off from the output, by detach, .data or no_grad, for example."
            )
    square = attention.draw(2 * count, 2 * count, 14, scale=1.0)
    module = attention.build(learner, square, 3, num_heads=num_heads)
    return wrong_gradient(module, values(1, 3, 2 * count, seed=15), square)


@about(
    why="Dropout acts on the weights after softmax: each is 0 at the rate, and the others are divided by 1 - rate.",
    hint="Where does forward call your dropout, and with which rate was it made?",
)
def dropout(learner: Port, num_heads: int | None) -> str | None:
    """Look at the table in training mode, for many equal sequences, next to the one in evaluation mode."""
    rate, batch = 0.25, 60
    scores = values(TOKENS, TOKENS, seed=2, scale=0.5)
    usual = table(learner, num_heads, scores, batch=batch)
    if usual.isnan().any():
        return None
    evaluated = table(learner, num_heads, scores, dropout=rate, batch=batch)
    if not torch.allclose(evaluated, usual, atol=1e-4):
        factors = (evaluated / usual)[usual > CLOSE]
        if _near(factors, float(factors[0])):
            return f"With dropout={rate}, the weights in evaluation mode are {factors[0]:.3f} times as large as usual."
        return f"With dropout={rate}, the output in evaluation mode isn't the one with dropout=0: something is dropped."
    trained = table(learner, num_heads, scores, training=True, batch=batch)
    if not torch.allclose(trained, usual, atol=1e-4):
        return "With dropout=0, the output in training mode isn't the one in evaluation mode: something is dropped."
    got = table(learner, num_heads, scores, dropout=rate, training=True, batch=batch)
    visible = usual[0] > CLOSE
    gone = got.abs() < 1e-9
    share = float(gone[:, visible].double().mean())
    if share < 0.02 and torch.allclose(got, usual, atol=1e-4):
        return f"In training mode with dropout={rate}, nothing is dropped."
    if share < 0.02:
        return None
    kept = (got / usual)[:, visible][~gone[:, visible]]
    if len(kept) and _near(got.sum(dim=-1), 1.0):
        return (
            "In training mode, each token's weights still sum to 1 although some are 0: you drop scores before "
            "softmax, or share out again what was dropped."
        )
    rows = gone[:, TOKENS - 1]
    if (rows.all(dim=-1) | ~rows.any(dim=-1)).all():
        return "In training mode, a token's weights are all dropped together or not at all; each has its own draw."
    columns = gone[:, TOKENS - 2 :, : TOKENS - 1]
    if (columns.all(dim=1) | ~columns.any(dim=1)).all():
        return (
            "In training mode, what is dropped is dropped for all tokens that look at it; each weight has its own draw."
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
