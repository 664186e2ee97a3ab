"""Hidden checks of `classifier`: many classifiers, loaders and texts, compared with the reference."""

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, seeds, sizes
from tests.visible.classifying import (
    DIFFERENCES,
    VOCAB,
    WIDTH,
    Tuning,
    accuracy_of,
    batch_of,
    batches_of,
    loader_loss,
    model_of,
    review_of,
    text_of,
)
from tests.visible.training import GPT2_VOCAB, dtype_of

OPTIMIZERS = (
    {"algorithm": "SGD", "lr": 0.5},
    {"algorithm": "SGD", "lr": 0.1, "momentum": 0.9},
    {"algorithm": "AdamW", "lr": 0.05, "weight_decay": 0.1},
)


@st.composite
def even_shapes(draw: st.DrawFn, most: int = 4) -> list[tuple[int, int]]:
    """Draw the shapes of batches, all with the same number of texts."""
    texts = draw(sizes(1, 3))
    return [(texts, tokens) for tokens in draw(st.lists(sizes(1, 4), min_size=1, max_size=most))]


@st.composite
def runs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the settings of a training run: epochs, schedule, optimizer, mode at the start."""
    return {
        "num_epochs": draw(sizes(1, 3)),
        "eval_freq": draw(sizes(1, 4)),
        "eval_iter": draw(sizes(1, 4)),
        "training": draw(st.booleans()),
        "tilt": 1.5,
        **draw(st.sampled_from(OPTIMIZERS)),
    }


@given(shapes=even_shapes(), num_batches=st.none() | sizes(1, 6), seed=seeds())
def test_accuracies_equal_the_reference(
    learner: Port, reference: Port, shapes: list[tuple[int, int]], num_batches: int | None, seed: int
) -> None:
    """The accuracy over the first `num_batches` batches is right for every loader, with texts of every length."""
    batches = batches_of(*shapes, seed=seed % 1000)
    got, expected = (
        accuracy_of(port, batches, model_of(port, seed=seed), num_batches) for port in (learner, reference)
    )
    expect_equal(got, expected, "the accuracy")


@given(texts=sizes(1, 4), tokens=sizes(1, 5), seed=seeds())
def test_the_batch_loss_and_its_gradients_equal_the_reference(
    learner: Port, reference: Port, texts: int, tokens: int, seed: int
) -> None:
    """The batch loss and its gradients match the formula, for every number of texts and tokens."""
    batch, results = batch_of(texts, tokens, seed), []
    for port in (learner, reference):
        model = model_of(port, seed=seed)
        results.append(port.gradients("calc_loss_batch", *batch, model, port.probe("device"), of=model))
    got, expected = results
    expect_equal(got.output, expected.output.to(dtype_of(got.output)), "the loss")
    for name, gradient in expected.parameters.items():
        expect_equal(got.parameters.get(name), gradient, f"the gradient of {name}", tolerance=DIFFERENCES)


@given(shapes=st.just([]) | even_shapes(), num_batches=st.none() | sizes(1, 6), seed=seeds())
def test_loader_losses_equal_the_reference(
    learner: Port, reference: Port, shapes: list[tuple[int, int]], num_batches: int | None, seed: int
) -> None:
    """The loss over the first `num_batches` batches is right for every loader, and `nan` for an empty one."""
    batches = batches_of(*shapes, seed=seed % 1000)
    got, expected = (
        loader_loss(port, batches, model_of(port, seed=seed), num_batches) for port in (learner, reference)
    )
    expect_equal(got, expected if batches else math.nan, "the loss")


@given(
    ids=st.lists(st.integers(0, VOCAB - 1), min_size=1, max_size=10),
    max_length=sizes(1, WIDTH),
    pad=st.integers(0, VOCAB - 1),
    seed=seeds(),
)
def test_reviews_of_every_length_are_classified(
    learner: Port, reference: Port, ids: list[int], max_length: int, pad: int, seed: int
) -> None:
    """Short and long reviews reach the model cut or padded to `max_length`, and get the class of the last position."""
    for number in range(4):  # each answer is only one of two
        got, expected = (
            review_of(port, text_of(ids), model_of(port, seed=seed + number), max_length, pad_token_id=pad)
            for port in (learner, reference)
        )
        expect_equal(got, expected, f"the answer for {len(ids)} ids with {max_length=}")


def test_padding_is_the_end_of_text_by_default(learner: Port) -> None:
    """Without `pad_token_id`, padding is 50256, GPT-2's end of a text."""
    for seed, expected in ((11, "spam"), (10, "not spam")):  # padded with 0, 1 or 50255, it's the other answer
        model = model_of(learner, vocab_size=GPT2_VOCAB, seed=seed)
        got = review_of(learner, "ab", model, 3, vocab_size=GPT2_VOCAB)
        expect_equal(got, expected, "the answer for a text of 2 ids with max_length=3, without pad_token_id,")


@given(shapes=even_shapes(3), val=even_shapes(3), options=runs())
def test_the_training_equals_the_reference(
    learner: Port,
    reference: Port,
    shapes: list[tuple[int, int]],
    val: list[tuple[int, int]],
    options: dict[str, Any],
) -> None:
    """With SGD and with AdamW, a training ends with the right weights, lists and number of examples."""
    batches, val_batches = batches_of(*shapes), batches_of(*val, seed=9)
    got, expected = (Tuning(port, batches, val_batches=val_batches, **options) for port in (learner, reference))
    expect_equal(got.examples_seen(), expected.examples_seen(), "examples_seen")
    for name, value in expected.weights().items():
        expect_equal(got.weights()[name], value, f"{name} after training")
    lists = got.lists()
    for name, values in expected.lists().items():
        expect_equal(lists[name], values, name)
