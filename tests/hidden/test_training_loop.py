"""Hidden checks of `training_loop`: many kinds of loaders, optimizers and schedules, compared with the reference."""

import math
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, Tolerance, expect, expect_equal, expect_same, seeds, sizes
from tests.visible.training import (
    SINGLE,
    Batch,
    Training,
    batch_loss,
    batch_of,
    batches_of,
    dtype_of,
    evaluated,
    expect_batch_loss_on_another_device,
    loader_loss,
    loader_of,
    model_of,
    options_of,
    steep_weights,
)

DIFFERENCES = Tolerance(1e-6, 1.0)
"""For gradients of a loss, which are differences of probabilities: those may be computed in float32."""
OPTIMIZERS = (
    {"algorithm": "SGD", "lr": 0.5},
    {"algorithm": "SGD", "lr": 0.1, "momentum": 0.9},
    {"algorithm": "AdamW", "lr": 0.01, "weight_decay": 0.1},
)


def shapes(most: int = 4) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Draw the number of texts and tokens in each batch."""
    return st.lists(st.tuples(sizes(1, 3), sizes(1, 4)), min_size=1, max_size=most)


@st.composite
def runs(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the settings of a training run: epochs, schedule, optimizer, mode at the start."""
    return {
        "num_epochs": draw(sizes(1, 3)),
        "eval_freq": draw(sizes(1, 4)),
        "eval_iter": draw(sizes(1, 4)),
        "training": draw(st.sampled_from([True, False])),
        "tilt": 0.5,
        **draw(st.sampled_from(OPTIMIZERS)),
    }


def both(learner: Port, reference: Port, batches: list[Batch], options: dict[str, Any]) -> list[Training]:
    """Run the same training with the learner's code and with the reference."""
    val_batches = batches_of((2, 3), (1, 2), seed=9)
    return [Training(port, batches, val_batches=val_batches, **options) for port in (learner, reference)]


@given(texts=sizes(1, 3), tokens=sizes(1, 4))
def test_batches_of_every_shape_are_moved_to_the_device(learner: Port, texts: int, tokens: int) -> None:
    """Whatever its shape, a batch is moved to the device that is given."""
    expect_batch_loss_on_another_device(learner, batch_of(texts, tokens, 1))


@given(shapes=shapes(), num_batches=st.none() | sizes(1, 6), seed=seeds())
def test_the_loader_loss_is_the_mean_for_every_num_batches(
    learner: Port, shapes: list[tuple[int, int]], num_batches: int | None, seed: int
) -> None:
    """The loss over a loader is the mean of its first `num_batches` batch losses, whatever the sizes of the batches."""
    batches, model = batches_of(*shapes, seed=seed), model_of(learner, seed=seed)
    losses = [batch_loss(learner, batch, model) for batch in batches[:num_batches]]
    got = loader_loss(learner, loader_of(learner, batches), model, num_batches)
    expect_equal(got, sum(losses) / len(losses), "the loss")


@given(num_batches=st.none() | sizes(1, 5))
def test_an_empty_loader_gives_nan_whatever_is_asked_for(learner: Port, num_batches: int | None) -> None:
    """An empty loader gives `nan` with every `num_batches`, and without one."""
    got = loader_loss(learner, loader_of(learner, []), model_of(learner), num_batches)
    expect_equal(got, math.nan, "the loss")


@given(shapes=shapes(), num_batches=sizes(1, 4))
def test_the_model_runs_on_the_batches_asked_for_alone(
    learner: Port, shapes: list[tuple[int, int]], num_batches: int
) -> None:
    """For every `num_batches`, `calc_loss_loader` runs the model on no more batches than that."""
    model = model_of(learner)
    learner.keep(
        "calc_loss_loader", loader_of(learner, batches_of(*shapes)), model, learner.probe("device"), num_batches
    )
    passes = len(model.call("record"))
    where = f"{len(shapes)} batches in the loader, num_batches={num_batches}"
    expect(passes <= num_batches, got=f"{passes} forward passes", expected=f"at most {num_batches}", where=where)


@given(shapes=shapes(3), eval_iter=sizes(1, 4), training=st.booleans())
def test_an_evaluation_leaves_no_graph_and_a_model_in_training_mode(
    learner: Port, shapes: list[tuple[int, int]], eval_iter: int, training: bool
) -> None:
    """Whatever mode the model arrives in, an evaluation runs without gradients and ends in training mode."""
    model = model_of(learner).train() if training else model_of(learner).eval()
    loaders = loader_of(learner, batches_of(*shapes)), loader_of(learner, batches_of(*shapes, seed=1))
    learner.keep("evaluate_model", model, *loaders, learner.probe("device"), eval_iter)
    graphs = [passed["gradients"] for passed in model.call("record")]
    expect(not any(graphs), got=f"logits.requires_grad was {graphs}", expected="False in each forward pass")
    expect_equal(model.call("is_training"), True, "model.training after the evaluation")


@given(train=shapes(3), val=shapes(3), eval_iter=sizes(1, 4), training=st.booleans())
def test_the_evaluation_is_that_of_the_two_loaders(
    learner: Port, train: list[tuple[int, int]], val: list[tuple[int, int]], eval_iter: int, training: bool
) -> None:
    """An evaluation gives `calc_loss_loader` of both loaders in eval mode, whatever mode the model arrives in."""
    model = model_of(learner, tilt=0.5).eval()
    loaders = loader_of(learner, batches_of(*train)), loader_of(learner, batches_of(*val, seed=1))
    expected = tuple(loader_loss(learner, loader, model, eval_iter) for loader in loaders)
    model = model.train() if training else model
    what = "evaluate_model compared with calc_loss_loader: (train_loss, val_loss)"
    expect_same(evaluated(learner, model, *loaders, eval_iter), expected, what)


@given(shapes=shapes(), num_epochs=sizes(1, 2), training=st.booleans(), steep=st.booleans())
def test_every_step_has_the_gradients_of_its_own_batch(
    learner: Port, shapes: list[tuple[int, int]], num_epochs: int, training: bool, steep: bool
) -> None:
    """Every step uses exactly the gradients of `calc_loss_batch` for its own batch: nothing more, nothing less."""
    batches, device = batches_of(*shapes), learner.probe("device")
    weights = steep_weights() if steep else {}
    steps = Training(learner, batches, num_epochs=num_epochs, training=training, weights=weights, lr=0.0).steps()
    model = model_of(learner).set_parameters(weights)
    expected = [learner.gradients("calc_loss_batch", *batch, model, device, of=model).parameters for batch in batches]
    for number, (step, gradients) in enumerate(zip(steps, expected * num_epochs, strict=False)):
        for name, gradient in gradients.items():
            arrived = step["gradients"][name] is not None
            expect(arrived, got=f"no gradient for {name} at step {number}", expected="the gradient of the batch's loss")
            what = f"the gradient of {name} at step {number}, compared with calc_loss_batch,"
            expect_same(step["gradients"][name], gradient, what)


def test_gradients_of_every_parameter_are_fresh_at_each_step(learner: Port) -> None:
    """Each step uses the gradients of its own batch only, for biases as for matrices."""
    steps = Training(learner, [batch_of(2, 3, 1)] * 3, bias=True, lr=0.0).steps()
    first = steps[0]["gradients"]
    for number, step in enumerate(steps):
        for name, gradient in first.items():
            what = f"the gradient of {name} at step {number}, compared with step 0,"
            expect_same(step["gradients"][name], gradient, what)


@given(shapes=shapes(), num_epochs=sizes(1, 3), eval_freq=sizes(1, 5))
def test_the_number_of_evaluations_fits_the_schedule(
    learner: Port, shapes: list[tuple[int, int]], num_epochs: int, eval_freq: int
) -> None:
    """In s steps, evaluations come after steps 0, eval_freq, 2 · eval_freq, …: s / eval_freq of them, rounded up."""
    lists = Training(learner, batches_of(*shapes), num_epochs=num_epochs, eval_freq=eval_freq).lists()
    expected = math.ceil(num_epochs * len(shapes) / eval_freq)
    lengths = [len(values) for values in lists]
    expect(lengths == [expected] * 3, got=f"lists of length {lengths}", expected=f"{expected} entries each")


@given(shapes=shapes(), num_epochs=sizes(1, 3))
def test_tokens_seen_add_up(learner: Port, shapes: list[tuple[int, int]], num_epochs: int) -> None:
    """Each batch adds its texts times tokens to the tokens seen, whatever the sizes of the batches."""
    _, _, tokens_seen = Training(learner, batches_of(*shapes), num_epochs=num_epochs).lists()
    steps = [texts * tokens for texts, tokens in shapes] * num_epochs
    expect_equal(tokens_seen, [sum(steps[: number + 1]) for number in range(len(steps))], "the tokens seen")


@given(eval_freq=sizes(1, 5), eval_iter=sizes(1, 4), seed=seeds())
def test_evaluation_does_not_influence_training(learner: Port, eval_freq: int, eval_iter: int, seed: int) -> None:
    """The weights don't depend on how often, how much or on which validation batches you evaluate."""
    batches = batches_of((2, 3), (1, 4), (3, 2))
    expected = Training(learner, batches, num_epochs=2).weights()
    other = {"val_batches": [batch_of(1, 4, seed)], "eval_freq": eval_freq, "eval_iter": eval_iter}
    weights = Training(learner, batches, num_epochs=2, **other).weights()
    for name, value in expected.items():
        expect_same(weights[name], value, f"{name} after training with other evaluations")


@given(texts=sizes(1, 4), tokens=sizes(1, 5), vocab_size=sizes(2, 7), seed=seeds())
def test_gradients_of_the_batch_loss_equal_the_reference(
    learner: Port, reference: Port, texts: int, tokens: int, vocab_size: int, seed: int
) -> None:
    """The batch loss and its gradients match the formula, for every batch size, length and vocabulary."""
    results = []
    for port in (learner, reference):
        model = model_of(port, tilt=0.5, seed=seed, vocab_size=vocab_size)
        batch = batch_of(texts, tokens, seed, vocab_size)
        results.append(port.gradients("calc_loss_batch", *batch, model, port.probe("device"), of=model))
    got, expected = results
    expect_equal(got.output, expected.output.to(dtype_of(got.output)), "the loss")
    for name, gradient in expected.parameters.items():
        expect_equal(got.parameters.get(name), gradient, f"the gradient of {name}", tolerance=DIFFERENCES)


@given(targets=st.lists(st.sampled_from([0, 1, 255, 50256, 50303]), min_size=1, max_size=3))
def test_every_target_of_a_large_vocabulary_counts(learner: Port, reference: Port, targets: list[int]) -> None:
    """The loss matches the reference for the ids that libraries like to leave out, alone and next to others."""
    batch = torch.ones(1, len(targets), dtype=torch.int64), torch.tensor([targets])
    got, expected = (batch_loss(port, batch, model_of(port, vocab_size=50304)) for port in (learner, reference))
    expect_equal(got, expected, "the loss")


@given(texts=sizes(1, 3), tokens=sizes(1, 4), seed=seeds())
def test_batch_losses_of_float32_models_equal_the_reference(
    learner: Port, reference: Port, texts: int, tokens: int, seed: int
) -> None:
    """With a float32 model, the loss has the precision of float32."""
    batch, options = batch_of(texts, tokens, seed), options_of(seed=seed)
    got, expected = (batch_loss(port, batch, port.probe("LanguageModel", **options)) for port in (learner, reference))
    expect_equal(got, expected, "the loss", tolerance=SINGLE)


@given(shapes=shapes(3), options=runs())
def test_the_trained_weights_equal_the_reference(
    learner: Port, reference: Port, shapes: list[tuple[int, int]], options: dict[str, Any]
) -> None:
    """After training with SGD or AdamW, the weights are right, whatever mode the model arrived in."""
    got, expected = (run.weights() for run in both(learner, reference, batches_of(*shapes), options))
    for name, value in expected.items():
        expect_equal(got[name], value, f"{name} after training")


@given(shapes=shapes(3), options=runs())
def test_the_curves_equal_the_reference(
    learner: Port, reference: Port, shapes: list[tuple[int, int]], options: dict[str, Any]
) -> None:
    """The losses and the tokens seen that training returns are right, with SGD and with AdamW."""
    got, expected = (run.lists() for run in both(learner, reference, batches_of(*shapes), options))
    for name, values, expected_values in zip(
        ("train_losses", "val_losses", "track_tokens_seen"), got, expected, strict=True
    ):
        expect_equal(values, expected_values, name)
