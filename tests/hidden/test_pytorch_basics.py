"""Hidden checks of `pytorch_basics`: networks, datasets and loaders of every size."""

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, laws, seeds, sizes
from tests.visible.basics import NETWORK, accuracy, examples_of, item_of, scored

OUTCOMES = st.lists(st.lists(st.booleans(), min_size=1, max_size=4), min_size=1, max_size=4)
"""For each batch, for each of its examples: whether the prediction is right."""

test_output_equals_the_reference = laws.output_equals_the_reference(NETWORK)
test_gradients_equal_the_reference = laws.gradients_equal_the_reference(NETWORK)


@given(count=sizes(1, 6), num_features=sizes(1, 4), seed=seeds())
def test_every_item_is_the_row_of_its_index(learner: Port, count: int, num_features: int, seed: int) -> None:
    """A dataset of any size has as many items as X has rows, and each is the row and the label of its index."""
    X, y = examples_of(count, num_features, seed)
    dataset = learner.build("ToyDataset", X=X, y=y)
    examples_of_another = examples_of(count + 1, num_features, seed + 1)
    another = learner.build("ToyDataset", X=examples_of_another[0], y=examples_of_another[1])
    expect_equal(another.call("__len__"), count + 1, "the length of another dataset")
    expect_equal(dataset.call("__len__"), count, "the length of the dataset")
    for index in range(count):
        features, label = item_of(dataset, index)
        expect_equal(features, X[index], f"the features of item {index}", dims=("feature",))
        expect_equal(label, float(y[index]), f"the label of item {index}")


@given(outcomes=OUTCOMES, classes=sizes(2, 5), seed=seeds())
def test_the_accuracy_equals_the_share(learner: Port, outcomes: list[list[bool]], classes: int, seed: int) -> None:
    """For batches of any sizes, the accuracy is the share of right predictions among all examples, as a float."""
    batches = [scored(classes, batch, seed + number) for number, batch in enumerate(outcomes)]
    got = accuracy(learner, batches)
    expect(type(got) is float, got=type(got).__name__, expected="float")
    expect_equal(got, sum(map(sum, outcomes)) / sum(map(len, outcomes)), "the accuracy")


@given(outcomes=OUTCOMES, comes_training=st.booleans())
def test_every_pass_is_an_evaluation(learner: Port, outcomes: list[list[bool]], comes_training: bool) -> None:
    """In every loader, each batch goes through the model in evaluation mode and without gradients."""
    scorer = learner.probe("Scorer")
    scorer = scorer.train() if comes_training else scorer.eval()
    accuracy(learner, [scored(3, batch, number) for number, batch in enumerate(outcomes)], scorer=scorer)
    for number, passed in enumerate(scorer.call("record")):
        got = {key: passed[key] for key in ("training", "gradients")}
        expect_equal(got, {"training": False, "gradients": False}, f"forward pass {number}")
