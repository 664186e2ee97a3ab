"""Visible checks of `layer_norm`: each tests one rule that every right answer obeys, and as little else as possible."""

import torch
import torch.nn.functional as F
from hypothesis import given

from grader.checks import Port, Tolerance, expect_equal, expect_same, expect_tensor, laws, seeds, sizes, values
from tests.visible.norms import ANY_LEAD, NORM, limit, norm_of

FLOAT64 = torch.float64
ROUGHLY = Tolerance(1e-3, 1.0)
"""Wide enough for eps, or for n versus n - 1 in a long row; far too narrow for the mistake that a check looks for."""


test_parameters_are_scale_and_shift = laws.parameters_are_exactly_these(
    NORM.of(lead=[], emb_dim=3),
    title="LayerNorm has exactly two trainable parameters, `scale` and `shift`, both of shape (emb_dim,).",
    hint="A plain tensor isn't a parameter: wrap it in `nn.Parameter`.",
)

test_shape_and_dtype_stay = laws.shape_and_dtype_are_right(
    NORM.of(lead=ANY_LEAD),
    title="The output has the shape and dtype of the input, for any number of leading dimensions.",
)


@given(emb_dim=sizes(2, 4), seed=seeds())
def test_scale_multiplies_and_shift_is_added(learner: Port, emb_dim: int, seed: int) -> None:
    """Feature by feature, the normalized row is multiplied by `scale`, and then `shift` is added."""
    x, scale, shift = (values(emb_dim, seed=seed + k) for k in range(3))
    plain = norm_of(learner, emb_dim, scale=torch.ones(emb_dim), shift=torch.zeros(emb_dim))(x[None])
    plain = expect_tensor(plain, (1, emb_dim), FLOAT64, "the output with scale 1, shift 0")
    got = norm_of(learner, emb_dim, scale=scale, shift=shift)(x[None])
    expect_equal(got, plain * scale + shift, "the output", dims=("row", "feature"))


def test_it_starts_as_the_plain_normalisation(learner: Port) -> None:
    """`scale` starts as ones and `shift` as zeros, so a new layer only normalizes."""
    parameters = learner.build("LayerNorm", emb_dim=3).parameters()
    for name, expected in (("scale", torch.ones(3)), ("shift", torch.zeros(3))):
        if name in parameters:  # another check looks at the names
            expect_equal(parameters[name].value, expected, f"the initial {name}", dims=("feature",))


test_rows_do_not_influence_each_other = laws.batch_elements_are_independent(
    NORM.of(lead=[2, 3]),
    leading=2,
    called="token {1} of sequence {0}",
    title="Each token is normalized by itself: other tokens and other sequences don't matter.",
)


@given(emb_dim=sizes(2, 6), seed=seeds())
def test_each_row_has_mean_zero(learner: Port, emb_dim: int, seed: int) -> None:
    """As long as `shift` is zero, every row of the output has mean 0.

    Over which dimension do you take the mean, and do you subtract it?
    """
    x = values(1, emb_dim, seed=seed) + 3  # one row: another check looks at how rows influence each other
    got = expect_tensor(norm_of(learner, emb_dim)(x), x.shape, FLOAT64)
    zero = torch.zeros(1, dtype=FLOAT64)
    expect_equal(got.mean(dim=-1), zero, "the mean of the output", dims=("row",))


def test_stretching_a_row_changes_nothing(learner: Port) -> None:
    """Multiplying a row by 10 doesn't change the output, because the divisor grows by the same factor.

    The variance grows by a factor of 100, its square root by a factor of 10.
    """
    norm, x = norm_of(learner, 5), torch.tensor([[1.0, 3.0, 4.0, 5.0, 7.0]], dtype=FLOAT64)
    expected = expect_tensor(norm(x), x.shape, FLOAT64)
    expect_same(norm(10 * x), expected, "the output for the row times 10", dims=("row", "feature"), tolerance=ROUGHLY)


def test_variance_is_the_biased_one(learner: Port) -> None:
    """The variance divides by n, not n - 1: the row (-1, 1) has variance 1 and comes out unchanged.

    torch.var divides by n - 1 unless you tell it otherwise.
    """
    x = torch.tensor([[-1.0, 1.0]], dtype=FLOAT64)
    got = norm_of(learner, 2)(x)
    expect_equal(got, x, "the output", dims=("row", "feature"), tolerance=ROUGHLY)


def test_a_constant_row_gives_numbers(learner: Port) -> None:
    """A row of equal numbers has variance 0 and comes out as zeros, not nan.

    That's what eps is for: it prevents a division by zero.
    """
    expect_tensor(norm_of(learner, 3)(torch.full((1, 3), 4.0, dtype=FLOAT64)), (1, 3), FLOAT64)


def test_eps_is_added_to_the_variance(learner: Port) -> None:
    """An eps of 1e-5 is added to the variance, under the square root.

    In correct code, a row (a, -a) comes out as about ±1 if a is large, and as ±1/√2 if its variance is 1e-5, because
    eps doubles what is under the square root.
    """
    norm, signs = norm_of(learner, 2), torch.tensor([[1.0, -1.0]], dtype=FLOAT64)
    large = expect_tensor(norm(1e3 * signs), signs.shape, FLOAT64, "the output for a row of large numbers")
    # If large numbers give o, this row should give o / √(1 + o²), whether the variance divides by n or by n - 1.
    expected = large / (1 + large**2) ** 0.5
    got = norm(signs * 1e-5**0.5)
    expect_equal(got, expected, "the output for a variance of 1e-5", dims=("row", "feature"), tolerance=ROUGHLY)


def test_adding_a_number_changes_nothing(learner: Port) -> None:
    """Adding 500 to every feature of a row changes nothing, because the mean is subtracted.

    How do you compute the variance? The mean of the squares minus the square of the mean is the difference of two large
    numbers, and rounding leaves little of it.
    """
    # With whole numbers, nothing would be rounded.
    norm, x = norm_of(learner, 4), torch.tensor([[0.7, 1.9, 3.1, 5.3]], dtype=FLOAT64)
    expected = expect_tensor(norm(x), x.shape, FLOAT64)
    what = "the output with 500 added to the row"
    expect_same(norm(x + 500), expected, what, dims=("row", "feature"), limit=limit(x + 500))


test_gradients_fit_the_output = laws.gradients_fit_the_output(
    NORM.of(lead=[2], emb_dim=sizes(2, 4)),
    title="The gradients of the input, of `scale` and of `shift` are the slopes of your output.",
    hint="The mean and the variance depend on the input too. Is either of them detached?",
)

test_the_input_stays_as_it_was = laws.the_input_stays_as_it_was(
    NORM.of(lead=[2], emb_dim=3), hint="`x -= mean` writes into the caller's tensor; `x = x - mean` makes a new one."
)


def test_output_equals_torchs_layer_norm(learner: Port) -> None:
    """With scale and shift set, the output equals that of torch's own layer norm."""
    x, scale, shift = values(2, 3, 4, seed=1), values(4, seed=2), values(4, seed=3)
    got = norm_of(learner, 4, scale=scale, shift=shift)(x)
    expect_equal(got, F.layer_norm(x, (4,), scale, shift, 1e-5), "the output", dims=("batch", "token", "feature"))


test_the_recorded_example_comes_out = laws.the_recorded_example_comes_out(
    NORM.of(lead=[2, 2], emb_dim=3),
    x=values(2, 2, 3, seed=13),
    parameters={"scale": values(3, seed=11), "shift": values(3, seed=12)},
    title="An example with three features gives the numbers that a correct solution gives.",
)
