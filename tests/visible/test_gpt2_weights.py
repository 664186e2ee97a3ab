"""Visible checks of `gpt2_weights`: arrays in which only one thing shows, and a model that keeps what it is given."""

import numpy as np
import torch

from grader.checks import Port, expect, expect_equal, expect_raises, expect_same, values
from tests.visible.gpt2 import (
    SMALL,
    array,
    assigned,
    expect_head_of_its_own,
    expect_new_parameter,
    load,
    loaded,
    model_of,
    params_of,
    part,
    thirds,
)

FLOAT32, FLOAT64 = torch.float32, torch.float64
LEFT = values(2, 3, seed=1, dtype=FLOAT32)
BLOCK = "trf_blocks.0."


def test_assign_returns_a_new_trainable_parameter(learner: Port) -> None:
    """`assign` returns a new `nn.Parameter` that can be trained: a module takes nothing else as its weight.

    A tensor isn't a parameter, and neither does a parameter stay one if you detach or clone it afterward.
    """
    module, _ = assigned(learner, LEFT, array(2, 3, seed=2))
    expect_new_parameter(module)


def test_assign_takes_the_values_of_right(learner: Port) -> None:
    """The new parameter has the values of `right`, no matter if that is an array or a tensor."""
    right = values(2, 3, seed=2, dtype=FLOAT32)
    for given in (right.numpy(), right):
        expect_equal(learner.call("assign", LEFT, given), right, "the new parameter", dims=("row", "column"))


def test_assign_leaves_left_as_it_was(learner: Port) -> None:
    """`assign` makes a new parameter; it doesn't write into the old one."""
    _, left = assigned(learner, LEFT, array(2, 3, seed=2))
    expect_equal(left.value(), LEFT, "`left` after the call", dims=("row", "column"))


def test_assign_keeps_the_dtype(learner: Port) -> None:
    """If both arguments are float64, so is the new parameter; with float32 it is float32."""
    for dtype in (FLOAT32, FLOAT64):
        new = learner.call("assign", LEFT.to(dtype), values(2, 3, seed=2, dtype=dtype).numpy())
        got = new.dtype if isinstance(new, torch.Tensor) else type(new).__name__
        expect(got == dtype, got=f"{got}", expected=f"{dtype}")


def test_assign_refuses_other_shapes(learner: Port) -> None:
    """If the shapes differ, `assign` raises a ValueError, even if the number of values agrees or one could be repeated.

    This is how you notice most matrices that should have been transposed.
    """
    for shape in ((3, 2), (6,), (2, 4), (3,), (1, 3), (2, 3, 1)):
        with expect_raises(learner, "ValueError", because=f"left is (2, 3) and right is {shape}"):
            learner.call("assign", LEFT, array(*shape, seed=2))


def test_tokens_and_positions_keep_their_tables(learner: Port) -> None:
    """`tok_emb` gets the table of tokens, `wte`, and `pos_emb` gets that of positions, `wpe`; neither is transposed."""
    params = params_of(SMALL)
    parameters = loaded(learner, params)
    for name, key in (("tok_emb.weight", "wte"), ("pos_emb.weight", "wpe")):
        expect_equal(part(parameters, name), torch.tensor(params[key]), name, dims=("row", "feature"))


def test_the_head_gets_the_values_of_wte(learner: Port) -> None:
    """`out_head` has no array of its own: GPT-2 reuses `wte`. Left as it was, it would be random."""
    params = params_of(SMALL)
    parameters = loaded(learner, params)
    # A head that shares its parameter with `tok_emb` isn't listed: another check is about that.
    head = parameters.get("out_head.weight", parameters.get("tok_emb.weight"))
    expect_equal(head, torch.tensor(params["wte"]), "out_head.weight", dims=("token", "feature"))


def test_the_head_is_a_copy(learner: Port) -> None:
    """`out_head` and `tok_emb` are separate: changing one afterward, as training does, doesn't change the other."""
    expect_head_of_its_own(learner, SMALL)


def test_queries_keys_and_values_are_three_thirds_in_this_order(learner: Port) -> None:
    """The columns of `c_attn` are first all queries, then all keys, then all values: for the weights and the biases.

    Which axis of `(emb_dim, 3 * emb_dim)` is three times as long? Split along that one.
    """
    params = params_of(SMALL)
    c_attn = params["blocks"][0]["attn"]["c_attn"]
    c_attn["w"], c_attn["b"] = np.tile(thirds(1.0, 2.0, 3.0), (4, 1)), thirds(4.0, 5.0, 6.0)
    parameters = loaded(learner, params)
    for number, name in enumerate(("W_query", "W_key", "W_value")):
        full = f"{BLOCK}att.{name}"
        weight, bias = part(parameters, f"{full}.weight"), part(parameters, f"{full}.bias")
        expect_equal(weight, torch.full((4, 4), 1.0 + number), f"{full}.weight", dims=("output", "input"))
        expect_equal(bias, torch.full((4,), 4.0 + number), f"{full}.bias", dims=("output",))


def test_the_matrices_of_attention_are_transposed(learner: Port) -> None:
    """The files have weights as `(in, out)`, `nn.Linear` as `(out, in)`: transpose them, even the square ones.

    No shape gives a mistake away here: all four matrices of attention are square.
    """
    params, matrix = params_of(SMALL), array(4, 4, seed=7)
    attn = params["blocks"][0]["attn"]
    attn["c_attn"]["w"] = np.concatenate([matrix] * 3, axis=1)
    parameters = loaded(learner, params)
    for name, saved in (("W_query", matrix), ("W_key", matrix), ("W_value", matrix), ("out_proj", attn["c_proj"]["w"])):
        weight = part(parameters, f"{BLOCK}att.{name}.weight")
        expect_equal(weight, torch.tensor(saved.T), f"{BLOCK}att.{name}.weight", dims=("output", "input"))


def test_the_matrices_of_the_feed_forward_are_transposed(learner: Port) -> None:
    """`c_fc` belongs to `layers.0` and `c_proj` of `mlp` to `layers.2`, both transposed: rows become columns."""
    params = params_of(SMALL)
    parameters, mlp = loaded(learner, params), params["blocks"][0]["mlp"]
    for name, key in (("layers.0", "c_fc"), ("layers.2", "c_proj")):
        weight = part(parameters, f"{BLOCK}ff.{name}.weight")
        expect_equal(weight, torch.tensor(mlp[key]["w"].T), f"{BLOCK}ff.{name}.weight", dims=("output", "input"))


def test_every_other_bias_is_loaded(learner: Port) -> None:
    """The output projection of attention and both layers of the feed-forward network have biases, too."""
    params = params_of(SMALL)
    parameters, block = loaded(learner, params), params["blocks"][0]
    for name, saved in (
        ("att.out_proj", block["attn"]["c_proj"]),
        ("ff.layers.0", block["mlp"]["c_fc"]),
        ("ff.layers.2", block["mlp"]["c_proj"]),
    ):
        bias = part(parameters, f"{BLOCK}{name}.bias")
        expect_equal(bias, torch.tensor(saved["b"]), f"{BLOCK}{name}.bias", dims=("output",))


def test_each_norm_gets_its_own_scale_and_shift(learner: Port) -> None:
    """`norm1` gets `ln_1` and `norm2` gets `ln_2`: `g` is the scale, `b` is the shift."""
    params = params_of(SMALL)
    parameters, block = loaded(learner, params), params["blocks"][0]
    for norm, saved in (("norm1", block["ln_1"]), ("norm2", block["ln_2"])):
        for name, key in (("scale", "g"), ("shift", "b")):
            got = part(parameters, f"{BLOCK}{norm}.{name}")
            expect_equal(got, torch.tensor(saved[key]), f"{BLOCK}{norm}.{name}", dims=("feature",))


def test_the_final_norm_is_loaded(learner: Port) -> None:
    """`final_norm` gets the `g` and `b` that belong to no block."""
    params = params_of(SMALL)
    parameters = loaded(learner, params)
    for name, key in (("scale", "g"), ("shift", "b")):
        got = part(parameters, f"final_norm.{name}")
        expect_equal(got, torch.tensor(params[key]), f"final_norm.{name}", dims=("feature",))


def test_every_block_gets_its_own_arrays(learner: Port) -> None:
    """Block b gets the arrays of block b, in the way that a model with a single block gets its own."""
    params = params_of(SMALL | {"n_layers": 3})
    parameters = loaded(learner, params, SMALL | {"n_layers": 3})
    for number, block in enumerate(params["blocks"]):
        single = loaded(learner, params | {"blocks": [block]})
        for name, expected in single.items():
            if name.startswith(BLOCK):
                full = name.replace("trf_blocks.0", f"trf_blocks.{number}", 1)
                what = f"{full}, compared with a model that has only this block,"
                expect_same(part(parameters, full), expected, what)


def test_params_stay_as_they_were(learner: Port) -> None:
    """Loading only reads `params`, so that you can load the same arrays into another model."""
    params = learner.put(params_of(SMALL))
    load(learner, model_of(learner), params)
    expect_equal(params.value(), params_of(SMALL), "`params` after the call")
