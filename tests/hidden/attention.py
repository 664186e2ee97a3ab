"""Laws that the hidden checks of both attention exercises share; `num_heads` is as in `tests/visible/attention.py`."""

import torch
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, expect_same, expect_tensor, law, seeds, sizes, values
from tests.visible import attention
from tests.visible.attention import DIMS, FLOAT64


@law(tokens=sizes(2, 5), seed=seeds())
def gradients_stop_at_later_tokens(num_heads: int | None, learner: Port, tokens: int, seed: int) -> None:
    """The gradient of a token's output with respect to every later token is zero."""
    module = attention.build(learner, attention.draw(3, 2, seed), tokens, num_heads=num_heads)
    x = values(2, tokens, 3, seed=seed)
    for row in range(tokens - 1):
        upstream = torch.zeros(2, tokens, 2, dtype=FLOAT64)
        upstream[:, row] = values(2, 2, seed=seed + 1)
        gradient = module.gradients(x, upstream=upstream).inputs[0]
        if gradient is not None:  # another check reports a missing gradient
            what = f"the gradient of token {row}'s output with respect to the tokens after it"
            expect_equal(gradient[:, row + 1 :], torch.zeros(2, tokens - row - 1, 3, dtype=FLOAT64), what, dims=DIMS)


@law(tokens=sizes(2, 5), score=st.sampled_from([-25.0, -10.0, 10.0, 25.0]), seed=seeds())
def later_tokens_stay_hidden_whatever_the_scores(
    num_heads: int | None, learner: Port, tokens: int, score: float, seed: int
) -> None:
    """Later tokens stay hidden even if all visible scores are strongly negative or strongly positive.

    Whatever replaces the score of a hidden token has to be far below every score that can occur.
    """
    query, key, value = torch.zeros(3, 1, 2, dtype=FLOAT64)
    query[0, 0], key[0, 0], value[0, 1] = score, 1.0, 1.0
    module = attention.build(learner, attention.projections(query, key, value), tokens, num_heads=num_heads)
    x = torch.ones(1, tokens, 2, dtype=FLOAT64)
    x[..., 1] = values(tokens, seed=seed)
    other = x.clone()
    other[:, -1, 1] += 1.0
    before = expect_tensor(module(x), (1, tokens, 1), FLOAT64)[:, :-1]
    after = expect_tensor(module(other), (1, tokens, 1), FLOAT64)[:, :-1]
    expect_same(after, before, "the output before the last token, once that has changed,", dims=DIMS)


@law(tokens=sizes(4, 8), rate=st.sampled_from([0.3, 0.6, 0.9]), seed=seeds())
def the_law_of_dropout_holds_for_every_length(
    num_heads: int | None, learner: Port, tokens: int, rate: float, seed: int
) -> None:
    """In training mode, at every length, a weight is either dropped entirely or divided by 1 - dropout.

    Does dropout come after softmax, and act on the weights? And does anything make the rows sum to 1 again?
    """
    attention.expect_the_law_of_dropout(learner, rate, seed, num_heads, tokens)
    attention.expect_dropout_on_the_weights(learner, seed, num_heads, tokens)


@law(rate=st.sampled_from([0.2, 0.8]), seed=seeds())
def dropped_weights_are_as_many_as_asked(num_heads: int | None, learner: Port, rate: float, seed: int) -> None:
    """Of very many weights, about the requested share is dropped.

    Dropout takes the probability that a weight is dropped, not that it is kept.
    """
    module, usual = attention.dropping(learner, 8, rate, seed, num_heads)
    got = attention.dropped(module, 8, batch=12)[..., :8]
    visible = (usual[..., :8].abs() > 1e-6).expand_as(got)
    share = float((got[visible] == 0).double().mean())
    if share == 0:
        return  # no dropout at all: another check reports that
    # With 400 weights or more, the standard deviation of the share is at most 0.02.
    where = f"share dropped of {int(visible.sum())} weights"
    expect(abs(share - rate) < 0.15, got=f"{share:.2f}", expected=f"about {rate}", where=where)
