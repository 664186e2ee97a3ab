"""Visible checks of `pytorch_basics`: a network in which one number travels, a few rows, and logits made to measure."""

import torch

from grader.checks import Port, expect, expect_equal, expect_same, laws, what_came
from tests.visible.basics import (
    FLOAT64,
    NETWORK,
    accuracy,
    accuracy_number,
    chain_of,
    examples_of,
    item_of,
    output_of,
    passes,
    scored,
    shapes_of,
)

RIGHT, WRONG = True, False
DIMS = ("row", "class")

test_there_are_three_layers = laws.parameters_are_exactly_these(
    NETWORK,
    title="The linear layers `layers.0`, `layers.2` and `layers.4` are 30, 20 and num_outputs wide, and have biases.",
    hint="In an `nn.Sequential` called `layers`, everything takes a number, a ReLU as well. "
    "Torch finds no modules in a plain Python list.",
)
test_every_example_has_a_row_of_logits = laws.shape_and_dtype_are_right(
    NETWORK, title="`(batch, num_inputs)` becomes `(batch, num_outputs)`, in float32 and float64."
)


def test_logits_come_out_as_they_are(learner: Port) -> None:
    """Nothing follows the last layer: if its weights are 0, its biases come out, negative ones too.

    The loss takes care of the softmax.
    """
    size = {"batch": 2, "num_inputs": 2, "num_outputs": 3}
    parameters = {name: torch.zeros(shape, dtype=FLOAT64) for name, shape in shapes_of(2, 3).items()}
    parameters["layers.4.bias"] = torch.tensor([-2.0, 0.5, 3.0], dtype=FLOAT64)
    got = NETWORK.built(learner, size, parameters)(torch.ones(2, 2, dtype=FLOAT64))
    expect_equal(got, parameters["layers.4.bias"].expand(2, 3), "the logits", dims=DIMS)


def test_a_relu_follows_the_first_layer(learner: Port) -> None:
    """What is negative after `layers.0` becomes 0, and never reaches `layers.2`."""
    network = chain_of(learner, biases=(0.0, 0.5, 0.0))  # the second layer makes everything positive again
    expected = torch.tensor([[0.5]], dtype=FLOAT64)
    expect_equal(output_of(network, -2.0), expected, "the output if layers.0 gives -2 and layers.2 adds 0.5", dims=DIMS)


def test_a_relu_follows_the_second_layer(learner: Port) -> None:
    """What is negative after `layers.2` becomes 0, and never reaches `layers.4`."""
    network = chain_of(learner, weights=(1.0, -1.0, 1.0), biases=(0.0, 0.0, 5.0))
    expected = torch.tensor([[5.0]], dtype=FLOAT64)
    expect_equal(output_of(network, 2.0), expected, "the output if layers.2 gives -2 and layers.4 adds 5", dims=DIMS)


def test_positive_numbers_pass(learner: Port) -> None:
    """A ReLU leaves positive numbers as they are: 2 goes through all layers."""
    for x in (2.0, 0.5, 10.0):
        expected = torch.tensor([[x]], dtype=FLOAT64)
        expect_equal(output_of(chain_of(learner), x), expected, f"the output for {x}, if all weights are 1", dims=DIMS)


def test_a_dataset_is_as_long_as_it_has_examples(learner: Port) -> None:
    """`len(dataset)` is the number of rows of X, however many features they have."""
    for count, num_features in ((5, 2), (3, 4), (1, 3)):
        X, y = examples_of(count, num_features)
        got = learner.build("ToyDataset", X=X, y=y).call("__len__")
        expect_equal(got, count, f"the length with X of shape {(count, num_features)}")


def test_an_item_is_a_row_with_its_label(learner: Port) -> None:
    """`dataset[index]` is a pair: row `index` of X first, then label `index` of y."""
    X, y = examples_of(4, 3)
    dataset = learner.build("ToyDataset", X=X, y=y)
    for index in (0, 3, 1, 2):
        features, label = item_of(dataset, index)
        expect_equal(features, X[index], f"the features of item {index}", dims=("feature",))
        expect_equal(label, float(y[index]), f"the label of item {index}")


def test_datasets_do_not_share_anything(learner: Port) -> None:
    """Making a second dataset leaves the items and the length of the first as they were."""
    X, y = examples_of(4, 3)
    first = learner.build("ToyDataset", X=X, y=y)
    features, label = item_of(first, 1)
    length = first.call("__len__")
    other_X, other_y = examples_of(6, 3, seed=7)
    item_of(learner.build("ToyDataset", X=other_X, y=other_y), 1)
    expect_same(item_of(first, 1)[0], features, "the features of item 1, once there is a second dataset,")
    expect_same(item_of(first, 1)[1], label, "the label of item 1, once there is a second dataset,")
    expect_same(first.call("__len__"), length, "the length, once there is a second dataset,")


def test_the_accuracy_is_a_float(learner: Port) -> None:
    """`compute_accuracy` returns a Python float, not a tensor."""
    got = accuracy(learner, [scored(3, [RIGHT, WRONG, RIGHT])])
    expect(type(got) is float, got=what_came(got), expected="a float (`.item()` makes one of a tensor)")


def test_the_prediction_is_the_class_with_the_largest_logit(learner: Port) -> None:
    """Each row of logits predicts the class whose logit is the largest, and it's right if that is the label.

    The batch here has as many rows as there are classes, so that no shape shows in which direction you look.
    """
    for seed in range(3):
        got = accuracy_number(learner, [scored(4, [RIGHT] * 4, seed)])
        expect(got > 0, got=f"the accuracy {got:.4g}", expected="more than 0, because all four predictions are right")
        expect_equal(
            accuracy_number(learner, [scored(4, [WRONG] * 4, seed)]), 0.0, "the accuracy if all four are wrong"
        )


def test_the_accuracy_is_a_share(learner: Port) -> None:
    """The accuracy is a share: 1.0 if all predictions are right, and 0.75 if 3 of 4 are."""
    for outcomes, expected in (([RIGHT] * 4, 1.0), ([RIGHT, WRONG, RIGHT, RIGHT], 0.75), ([WRONG] * 4, 0.0)):
        expect_equal(accuracy_number(learner, [scored(3, outcomes)]), expected, "the accuracy of one batch of four")


def test_the_model_runs_in_evaluation_mode(learner: Port) -> None:
    """The model runs in evaluation mode, for every batch, whatever mode it comes in.

    In training mode, dropout would spoil the predictions.
    """
    modes = passes(learner, "training")
    expect(bool(modes) and not any(modes), got=f"`model.training` was {modes}", expected="False in each forward pass")


def test_the_model_runs_without_gradients(learner: Port) -> None:
    """The model runs without gradients, for every batch: `model.eval()` by itself doesn't turn them off."""
    graphs = passes(learner, "gradients")
    got = f"logits.requires_grad was {graphs}"
    expect(bool(graphs) and not any(graphs), got=got, expected="False in each forward pass")


def test_every_batch_counts(learner: Port) -> None:
    """The accuracy is that of all batches together: neither the first by itself, nor the last, nor a sum."""
    for first, last, expected in ((RIGHT, WRONG, 0.5), (WRONG, RIGHT, 0.5), (RIGHT, RIGHT, 1.0)):
        batches = [scored(3, [first, first]), scored(3, [last, last], seed=1)]
        expect_equal(accuracy_number(learner, batches), expected, "the accuracy of two batches of two")


def test_every_example_counts_the_same(learner: Port) -> None:
    """Every example has the same weight, whatever the size of its batch.

    If 3 of 3 are right in one batch, and 0 of 1 in another, the accuracy is 0.75. The last batch of a loader is often
    smaller than the others.
    """
    for batches, expected in (([[RIGHT] * 3, [WRONG]], 0.75), ([[WRONG] * 4, [RIGHT]], 0.2)):
        drawn = [scored(3, outcomes, seed) for seed, outcomes in enumerate(batches)]
        expect_equal(accuracy_number(learner, drawn), expected, f"the accuracy of batches of {len(batches[0])} and 1")
