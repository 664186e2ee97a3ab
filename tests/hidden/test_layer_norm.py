"""Hidden checks of `layer_norm`: many shapes, sizes and dtypes, compared with the reference."""

import dataclasses

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, Size, Tolerance, expect_equal, expect_same, expect_tensor, laws, seeds, sizes, values
from tests.visible.norms import ANY_LEAD, NORM, TEXTS, limit, steady


def any_rows(size: Size, seed: int) -> torch.Tensor:
    """Draw rows as they come, including nearly constant ones."""
    return values(*size["lead"], size["emb_dim"], seed=seed, scale=size["scale"]) + size["mean"]


ANY = dataclasses.replace(NORM, inputs=any_rows)

test_output_equals_the_reference = laws.output_equals_the_reference(
    ANY.of(lead=ANY_LEAD, emb_dim=sizes(1, 8), scale=2.0, mean=0.5),
    title="In float64, the output matches the formula, for any size and any number of leading dimensions.",
)

test_float32_agrees_with_float64 = laws.float32_agrees_with_float64(NORM.of(emb_dim=sizes(2, 16)))


@given(seed=seeds(), power=st.integers(-5, 4))
def test_small_and_large_variances(learner: Port, reference: Port, seed: int, power: int) -> None:
    """Rows with tiny and with huge variance come out right.

    If the variance is tiny, eps decides the result. How large is yours, and where do you add it?
    """
    x = values(1, 500, seed=seed, scale=10.0**power)
    norm, reference_norm = (port.build("LayerNorm", emb_dim=500).double() for port in (learner, reference))
    # In a row this long, n and n - 1 hardly differ; another check tells them apart.
    expect_equal(norm(x), reference_norm(x), "the output", dims=("row", "feature"), tolerance=Tolerance(1e-2, 1e-9))


@given(emb_dim=sizes(2, 8), seed=seeds(), mean=st.sampled_from([-500.0, -100.0, 100.0, 500.0]))
def test_large_means_change_nothing(learner: Port, emb_dim: int, seed: int, mean: float) -> None:
    """Adding the same number to a whole row changes nothing, even if the number is large."""
    norm = learner.build("LayerNorm", emb_dim=emb_dim).double()
    x = steady({"lead": [2], "emb_dim": emb_dim}, seed)
    near = expect_tensor(norm(x), x.shape, torch.float64)
    what = f"the output with {mean:g} added to each row"
    expect_same(norm(x + mean), near, what, dims=("row", "feature"), limit=limit(x + mean))


test_gradients_equal_the_reference = laws.gradients_equal_the_reference(
    ANY.of(lead=TEXTS, emb_dim=sizes(1, 6), scale=st.integers(-3, 2).map(lambda power: 10.0**power)),
    title="The gradients of the input, of `scale` and of `shift` match the formula, for small and large numbers.",
    hint="The mean and the variance depend on the input too. Is either of them detached?",
)

test_inputs_need_not_be_contiguous = laws.inputs_need_not_be_contiguous(NORM.of(lead=TEXTS))

test_calls_do_not_influence_each_other = laws.calls_do_not_influence_each_other(
    NORM,
    title="A later call gives the same output as the first, in training and in eval mode: a layer norm has no memory.",
)

test_layers_share_nothing = laws.layers_share_nothing(NORM)

test_inputs_of_every_kind_stay_as_they_were = laws.inputs_of_every_kind_stay_as_they_were(NORM)
