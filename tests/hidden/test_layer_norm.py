"""Hidden checks of `layer_norm`: shapes, sizes and dtypes against the live reference."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Handle, Port, Tolerance, expect_equal, expect_tensor, seeds, sizes, values, weights

FLOAT64 = torch.float64
DIMS = ("batch", "token", "feature")


def pair(learner: Port, reference: Port, emb_dim: int, seed: int, dtype: torch.dtype = FLOAT64) -> list[Handle]:
    """Build the learner's layer and the reference with the same parameters."""
    drawn = weights({"scale": (emb_dim,), "shift": (emb_dim,)}, seed, scale=1.0, dtype=dtype)
    built = [port.build("LayerNorm", emb_dim=emb_dim) for port in (learner, reference)]
    if dtype is FLOAT64:
        built = [norm.double() for norm in built]
    return [norm.set_parameters(drawn) for norm in built]


@given(lead=st.lists(sizes(1, 3), max_size=3), emb_dim=sizes(1, 8), seed=seeds())
def test_output_equals_the_reference(learner: Port, reference: Port, lead: list[int], emb_dim: int, seed: int) -> None:
    """In float64 the output is that of the formula, for one to four dimensions and every size."""
    own, due = pair(learner, reference, emb_dim, seed)
    x = values(*lead, emb_dim, seed=seed, scale=2.0) + 0.5
    expect_equal(own(x), due(x), "the output")


@given(rows=sizes(1, 4), emb_dim=sizes(2, 16), seed=seeds())
def test_float32_agrees_with_float64(learner: Port, reference: Port, rows: int, emb_dim: int, seed: int) -> None:
    """In float32 the output is what it is in float64, within rounding, and it stays float32."""
    x = values(rows, emb_dim, seed=seed)
    x[:, 0] = x[:, 1:].amax(dim=-1) + 1.0  # so that no row is nearly constant, where rounding is all there is
    exact, _ = pair(learner, reference, emb_dim, seed)
    due = expect_tensor(exact(x), x.shape, FLOAT64)
    single, _ = pair(learner, reference, emb_dim, seed, torch.float32)
    expect_equal(single(x.float()), due.float(), "the output", dims=("row", "feature"))


@given(seed=seeds(), power=st.integers(-5, 4))
def test_small_and_large_variances(learner: Port, reference: Port, seed: int, power: int) -> None:
    """Rows with tiny and with huge variance come out right.

    For tiny ones eps decides: it is added to the variance, under the root, and is 1e-5.
    """
    x = values(1, 500, seed=seed, scale=10.0**power)
    own, due = (port.build("LayerNorm", emb_dim=500).double() for port in (learner, reference))
    # In a row as long as this n and n - 1 hardly differ, which is another check's affair.
    expect_equal(own(x), due(x), "the output", dims=("row", "feature"), tolerance=Tolerance(1e-2, 1e-9))


@given(emb_dim=sizes(2, 8), seed=seeds(), mean=st.sampled_from([-500.0, -100.0, 100.0, 500.0]))
def test_large_means_change_nothing(learner: Port, emb_dim: int, seed: int, mean: float) -> None:
    """Adding the same number to a whole row changes nothing, also where it is large."""
    norm = learner.build("LayerNorm", emb_dim=emb_dim).double()
    x = values(2, emb_dim, seed=seed)
    x[:, 0] = x[:, 1:].amax(dim=-1) + 1.0  # so that no row is nearly constant, where rounding is all there is
    expect_equal(norm(x + mean), norm(x), "the output far from zero", dims=("row", "feature"))


@given(batch=sizes(1, 3), tokens=sizes(1, 3), emb_dim=sizes(1, 6), seed=seeds(), power=st.integers(-3, 2))
def test_gradients_equal_the_reference(
    learner: Port, reference: Port, batch: int, tokens: int, emb_dim: int, seed: int, power: int
) -> None:
    """The gradients of input, scale and shift are those of the formula, for small and large rows.

    Mean and variance depend on the input too: nothing on the way may be detached.
    """
    own, due = pair(learner, reference, emb_dim, seed)
    x = values(batch, tokens, emb_dim, seed=seed, scale=10.0**power)
    upstream = values(batch, tokens, emb_dim, seed=seed + 1)
    got, right = (norm.gradients(x, upstream=upstream) for norm in (own, due))
    expect_equal(got.inputs[0], right.inputs[0], "the gradient of the input", dims=DIMS)
    for name in ("scale", "shift"):
        expect_equal(got.parameters.get(name), right.parameters[name], f"the gradient of {name}", dims=("feature",))


@given(tokens=sizes(2, 4), emb_dim=sizes(2, 4), seed=seeds())
def test_inputs_need_not_be_contiguous(learner: Port, tokens: int, emb_dim: int, seed: int) -> None:
    """An input with strides of its own (a transpose, a slice) gives the same output."""
    norm = learner.build("LayerNorm", emb_dim=emb_dim).double()
    x = values(2, tokens, emb_dim, seed=seed)
    due = norm(x)
    expect_equal(norm(learner.put(x, strided=True)), due, "the output", dims=DIMS)


@given(emb_dim=sizes(2, 4), seed=seeds())
def test_calls_do_not_influence_each_other(learner: Port, emb_dim: int, seed: int) -> None:
    """A later call gives what the first gave, in training mode and in evaluation mode: a layer norm has no memory."""
    norm = learner.build("LayerNorm", emb_dim=emb_dim).double()
    x, other = values(2, emb_dim, seed=seed), values(3, emb_dim, seed=seed + 1, scale=4.0)
    first = norm.train()(x)
    for mode in (norm.train, norm.eval):
        mode()
        norm(other)
        expect_equal(norm(x), first, "the output of a later call", dims=("row", "feature"))


@given(rows=sizes(1, 3), emb_dim=sizes(2, 4), seed=seeds(), strided=st.booleans())
def test_inputs_of_every_kind_stay_as_they_were(
    learner: Port, rows: int, emb_dim: int, seed: int, strided: bool
) -> None:
    """A forward pass leaves its input as it was, whatever its shape and its order in memory."""
    x = values(rows, emb_dim, seed=seed)
    kept = learner.put(x, strided=strided)
    learner.build("LayerNorm", emb_dim=emb_dim).double()(kept)
    expect_equal(kept.value(), x, "the input after the call", dims=("row", "feature"))
