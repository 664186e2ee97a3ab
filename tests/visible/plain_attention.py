"""What the checks of `self_attention` share: both classes with weights that we set, and laws that apply to both.

Weights are drawn as `nn.Linear` keeps them, (d_out, d_in); `SelfAttention_v1` gets them transposed.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F

from grader.checks import (
    Handle,
    Layer,
    Port,
    Size,
    expect,
    expect_equal,
    expect_same,
    expect_tensor,
    law,
    seeds,
    sizes,
    values,
)
from tests.visible import attention
from tests.visible.attention import FLOAT64, PROJECTIONS

V1, V2 = "SelfAttention_v1", "SelfAttention_v2"
DIMS = ("token", "feature")


def build(port: Port, name: str, drawn: Mapping[str, torch.Tensor]) -> Handle:
    """Build a module of the class `name` in float64, and set its parameters to the values drawn."""
    d_out, d_in = drawn["W_query.weight"].shape
    if name == V1:
        module = port.build(V1, d_in=d_in, d_out=d_out).double()
        return module.set_parameters({kept: drawn[f"{kept}.weight"].T.contiguous() for kept in PROJECTIONS})
    module = port.build(V2, d_in=d_in, d_out=d_out, **_bias("W_query.bias" in drawn)).double()
    return module.set_parameters(attention.present(module, drawn))


def _bias(qkv_bias: bool) -> dict[str, bool]:
    return {"qkv_bias": True} if qkv_bias else {}


def _input(size: Size, seed: int) -> torch.Tensor:
    return values(size["tokens"], size["d_in"], seed=seed, scale=size["scale"])


PLAIN_V1 = Layer(
    build=lambda port, size: port.build(V1, d_in=size["d_in"], d_out=size["d_out"]),
    sizes={"tokens": 3, "d_in": 3, "d_out": 2, "scale": 1.0},
    inputs=_input,
    shapes=lambda size: {name: (size["d_in"], size["d_out"]) for name in PROJECTIONS},
    output=lambda size: (size["tokens"], size["d_out"]),
    dims=DIMS,
    changing=("tokens",),
    random_start=True,
)
PLAIN_V2 = Layer(
    build=lambda port, size: port.build(V2, d_in=size["d_in"], d_out=size["d_out"], **_bias(size["qkv_bias"])),
    sizes={**PLAIN_V1.sizes, "qkv_bias": False},
    inputs=_input,
    shapes=lambda size: attention.parameter_shapes(size["d_in"], size["d_out"], qkv_bias=size["qkv_bias"]),
    output=PLAIN_V1.output,
    dims=DIMS,
    changing=("tokens",),
    random_start=True,
    fit=attention.present,
)
"""Both classes as layers; `scale` is the spread of the input. Checks draw the sizes that they are about."""


@law(tokens=sizes(1, 5))
def every_token_sees_every_token(name: str, learner: Port, tokens: int) -> None:
    """Every token gives some weight to every token, earlier or later, if all scores are zero.

    Nothing is hidden here: the mask comes in the next exercise. And do you return the mixture of the values?
    """
    one_hot = torch.eye(tokens, dtype=FLOAT64)
    module = build(learner, name, attention.projections(torch.zeros_like(one_hot), one_hot, one_hot))
    table = expect_tensor(module(one_hot), (tokens, tokens), FLOAT64, "the table of weights")
    seen = (table.abs() > 1e-3).long()
    what = "what each token sees (1 = it does)"
    expect_equal(seen, torch.ones_like(seen), what, dims=("token", "sees token"), weights=True)


@law()
def the_query_chooses_among_the_keys(name: str, learner: Port) -> None:
    """Each token compares its own query with the tokens' keys, and takes more from those that fit better.

    In the table of scores, each row belongs to a query and each column to a key. Is yours transposed?
    """
    query, key, value = torch.zeros(3, 2, 3, dtype=FLOAT64)
    query[0, 0], key[0, 1], value[0, 2] = 4.0, 1.0, 1.0
    module = build(learner, name, attention.projections(query, key, value))
    shares = []
    for asked in (0.0, 1.0):
        x = torch.tensor([[0.0, 1.0, 1.0], [asked, 0.0, 0.0]], dtype=FLOAT64)
        shares.append(float(expect_tensor(module(x), (2, 2), FLOAT64)[1, 0]))
    expect(
        shares[1] > shares[0] + 0.1,
        got=f"token 1 takes {shares[0]:.3f} from token 0 if its query is zero, {shares[1]:.3f} if its query fits",
        expected="more if its query fits",
        where="row = the token that looks (query), column = the token it looks at (key)",
    )


@law(tokens=sizes(1, 4), seed=seeds())
def each_row_of_weights_sums_to_one(name: str, learner: Port, tokens: int, seed: int) -> None:
    """Each token's weights sum to 1, so if all values are equal, the output is that same value.

    Does softmax go over the keys? And do you divide by the square root of d_out before it?
    """
    drawn = attention.draw(3, 2, seed)
    drawn["W_value.weight"][:, :2] = 0.0
    x = values(tokens, 3, seed=seed)
    x[:, 2] = 1.0
    expected = drawn["W_value.weight"][:, 2].expand(tokens, 2)
    expect_equal(build(learner, name, drawn)(x), expected, "the mixture of equal values", dims=DIMS)


@law(width=sizes(2, 9), tokens=sizes(2, 4), seed=seeds())
def scores_are_divided_by_the_root_of_d_out(name: str, learner: Port, width: int, tokens: int, seed: int) -> None:
    """Scores are divided by √d_out: queries w times as wide, with √w times the scores, give the same weights.

    Which number do you take the square root of? Not d_in, and not the number of tokens.
    """
    narrow = attention.draw(2, 1, seed, scale=1.0)
    wide = {kept: torch.zeros(width, 2, dtype=FLOAT64) for kept in narrow}
    for kept, row in narrow.items():
        wide[kept][:1] = row * width**0.5 if kept == "W_query.weight" else row
    x = values(tokens, 2, seed=seed)
    expected = expect_tensor(build(learner, name, narrow)(x), (tokens, 1), FLOAT64)
    got = expect_tensor(build(learner, name, wide)(x), (tokens, width), FLOAT64)
    expect_same(got[:, :1], expected, f"the output with queries {width} wide, compared with 1 wide,", dims=DIMS)


@law(tokens=sizes(1, 4), seed=seeds())
def output_equals_torchs_attention(name: str, learner: Port, tokens: int, seed: int, qkv_bias: bool = False) -> None:
    """With all parameters set, the output equals that of torch's own attention without a mask."""
    drawn = attention.draw(3, 2, seed, qkv_bias=qkv_bias)
    x = values(tokens, 3, seed=seed)
    query, key, value = (F.linear(x, drawn[f"{kept}.weight"], drawn.get(f"{kept}.bias")) for kept in PROJECTIONS)
    expected = F.scaled_dot_product_attention(query[None], key[None], value[None])[0]
    expect_equal(build(learner, name, drawn)(x), expected, "the output", dims=DIMS)
