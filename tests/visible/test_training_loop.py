"""Visible checks of `training_loop`: they run the four functions on small probes that record how they are used."""

import math

import torch
from hypothesis import given

from grader.checks import (
    Golden,
    Handle,
    Port,
    Tolerance,
    expect,
    expect_equal,
    expect_same,
    expect_tensor,
    seeds,
    sizes,
    what_came,
)
from tests.visible.training import (
    GPT2_VOCAB,
    SINGLE,
    Training,
    batch_loss,
    batch_of,
    batches_of,
    dtype_of,
    evaluated,
    expect_batch_loss_on_another_device,
    loader_loss,
    loader_of,
    loss_by_torch,
    model_of,
    number_of,
    options_of,
    steep_weights,
)

FLOAT64 = torch.float64
UNEVEN = batches_of((2, 3), (1, 4), (3, 2))
"""Three batches of different sizes."""

WIDE = Tolerance(1.0, 1.0)
"""Far narrower than the loss of a sure but wrong prediction, wide enough for everything else."""


def sure_model(port: Port) -> Handle:
    """Create a model over three ids that is sure of one thing: the next token is the one it is reading."""
    eye = torch.eye(3, dtype=FLOAT64)
    weights = {
        "tok_emb.weight": 20 * eye,
        "pos_emb.weight": torch.zeros(8, 3, dtype=FLOAT64),
        "out_head.weight": 20 * eye,
    }
    return model_of(port, vocab_size=3).set_parameters(weights)


def test_the_batch_loss_is_a_scalar_tensor(learner: Port) -> None:
    """`calc_loss_batch` returns a tensor without dimensions, a floating-point number."""
    model = model_of(learner)
    loss = learner.call("calc_loss_batch", *batch_of(2, 3, 1), model, learner.probe("device"))
    expect_tensor(loss, (), dtype_of(loss), "the loss")


def test_the_batch_loss_keeps_its_graph(learner: Port) -> None:
    """The batch loss keeps its graph: going backward from it reaches every parameter of the model.

    `.item()`, `.detach()` and `torch.tensor(...)` cut the graph.
    """
    model = model_of(learner)
    gradients = learner.gradients("calc_loss_batch", *batch_of(2, 3, 1), model, learner.probe("device"), of=model)
    for name in ("tok_emb.weight", "pos_emb.weight", "out_head.weight"):
        gradient = gradients.parameters.get(name)
        reached = isinstance(gradient, torch.Tensor) and bool(gradient.any())
        expect(reached, got=f"no gradient for {name}", expected="a gradient for every parameter")


@given(texts=sizes(1, 3), tokens=sizes(1, 4), vocab_size=sizes(2, 6))
def test_knowing_nothing_costs_the_logarithm_of_the_vocabulary(
    learner: Port, texts: int, tokens: int, vocab_size: int
) -> None:
    """If all logits are equal, the loss is ln(vocab_size), however many texts and tokens a batch has.

    The loss is a mean, not a sum, and the logarithm is the natural one.
    """
    model = model_of(learner, vocab_size=vocab_size)
    model.set_parameters({"out_head.weight": torch.zeros(vocab_size, 3, dtype=FLOAT64)})
    ids = torch.full((texts, tokens), vocab_size - 1)
    loss = batch_loss(learner, (ids, ids), model)
    expect_equal(loss, math.log(vocab_size), "the loss")


def test_a_sure_and_right_model_costs_nothing(learner: Port) -> None:
    """If the logits are sure of the right tokens, the loss is almost 0.

    `F.cross_entropy` expects plain logits. After a softmax of your own, all of them are between 0 and 1.
    """
    same = torch.ones(2, 2, dtype=torch.int64)
    expect_equal(batch_loss(learner, (same, same), sure_model(learner)), 0.0, "the loss")


def test_targets_are_held_against_the_logits_of_their_own_place(learner: Port) -> None:
    """Each target is compared with the logits at its own position: the loader has already shifted the targets."""
    same = torch.tensor([[0, 1, 2], [2, 1, 1]])
    loss = batch_loss(learner, (same, same), sure_model(learner))
    expect_equal(loss, 0.0, "the loss if each target is what the model is sure of", tolerance=WIDE)


def test_every_token_of_every_text_counts(learner: Port) -> None:
    """Every token of every text in a batch counts: one wrong target, at any position, raises the loss."""
    ids = torch.tensor([[0, 1], [2, 0]])
    right = batch_loss(learner, (ids, ids), sure_model(learner))
    for text, position in ((0, 0), (0, 1), (1, 0), (1, 1)):
        targets = ids.clone()
        targets[text, position] = 1 - ids[text, position] if ids[text, position] < 2 else 0
        loss = batch_loss(learner, (ids, targets), sure_model(learner))
        where = f"with a wrong target in text {text}, position {position}"
        expect(
            loss > right + 0.1,
            got=f"the loss {loss:.4g}",
            expected=f"more than {right:.4g}, the loss without a wrong target",
            where=where,
        )


def test_the_loader_loss_is_a_float(learner: Port) -> None:
    """`calc_loss_loader` returns a Python float, not a tensor: a tensor would keep the graphs of all batches."""
    loss = learner.call("calc_loss_loader", loader_of(learner, UNEVEN), model_of(learner), learner.probe("device"))
    expect(type(loss) is float, got=what_came(loss), expected="a float (`.item()` makes one of a tensor)")


def test_the_loader_loss_is_the_mean_of_the_batch_losses(learner: Port) -> None:
    """Without `num_batches`, the loss over a loader is the mean of all batch losses; each batch counts equally.

    It's neither their sum nor a mean over tokens.
    """
    model = model_of(learner)
    losses = [batch_loss(learner, batch, model) for batch in UNEVEN]
    expect_equal(loader_loss(learner, loader_of(learner, UNEVEN), model), sum(losses) / 3, "the loss")


def test_num_batches_takes_the_first_ones(learner: Port) -> None:
    """With `num_batches`, the loss covers only that many batches, from the start of the loader."""
    model = model_of(learner)
    for count in (1, 2):
        expected = loader_loss(learner, loader_of(learner, UNEVEN[:count]), model, count)
        got = loader_loss(learner, loader_of(learner, UNEVEN), model, count)
        what = f"the loss over the first {count} of 3 batches, compared with a loader that has only those"
        expect_same(got, expected, what)


def test_num_batches_may_be_more_than_there_are(learner: Port) -> None:
    """If `num_batches` is larger than the loader, the loss is the mean over all the batches it has."""
    model, loader = model_of(learner), loader_of(learner, UNEVEN)
    what = "the loss for num_batches=5 of a loader with 3 batches, compared with num_batches=3"
    expect_same(loader_loss(learner, loader, model, 5), loader_loss(learner, loader, model, 3), what)


def test_an_empty_loader_gives_nan(learner: Port) -> None:
    """An empty loader has no mean: the loss is `nan`, not 0 and not an error."""
    expect_equal(loader_loss(learner, loader_of(learner, []), model_of(learner)), math.nan, "the loss")


def test_an_empty_loader_gives_nan_for_any_num_batches(learner: Port) -> None:
    """An empty loader gives `nan` even if you ask for a number of batches."""
    loader, model = loader_of(learner, []), model_of(learner)
    expect_equal(loader_loss(learner, loader, model, 2), math.nan, "the loss")


def test_no_more_batches_are_run_than_asked_for(learner: Port) -> None:
    """`calc_loss_loader` runs the model on no more batches than you ask for.

    With a real loader, it takes minutes to go through all of it just to use its beginning.
    """
    model = model_of(learner)
    learner.keep("calc_loss_loader", loader_of(learner, UNEVEN), model, learner.probe("device"), 1)
    passes = len(model.call("record"))
    expect(passes <= 1, got=f"{passes} forward passes", expected="1", where="3 batches in the loader, num_batches=1")


def test_evaluation_is_in_eval_mode(learner: Port) -> None:
    """`evaluate_model` runs the model in eval mode, for both losses.

    In training mode, dropout would be on and would spoil the measurement.
    """
    model = model_of(learner).train()
    loaders = loader_of(learner, UNEVEN), loader_of(learner, UNEVEN)
    learner.call("evaluate_model", model, *loaders, learner.probe("device"), 2)
    modes = [passed["training"] for passed in model.call("record")]
    expect(not any(modes), got=f"`training` of the model's layers was {modes}", expected="False in each forward pass")


def test_evaluation_is_without_gradients(learner: Port) -> None:
    """`evaluate_model` runs the model without gradients: `model.eval()` by itself doesn't turn them off."""
    model = model_of(learner)
    loaders = loader_of(learner, UNEVEN), loader_of(learner, UNEVEN)
    learner.call("evaluate_model", model, *loaders, learner.probe("device"), 2)
    graphs = [passed["gradients"] for passed in model.call("record")]
    expect(not any(graphs), got=f"logits.requires_grad was {graphs}", expected="False in each forward pass")


def test_evaluation_leaves_the_model_in_training_mode(learner: Port) -> None:
    """After `evaluate_model`, the model is in training mode, whatever mode it was in before."""
    for model in (model_of(learner).train(), model_of(learner).eval()):
        loaders = loader_of(learner, UNEVEN), loader_of(learner, UNEVEN)
        learner.keep("evaluate_model", model, *loaders, learner.probe("device"), 1)
        expect_equal(model.call("is_training"), True, "model.training after the evaluation")


def test_evaluation_leaves_the_weights_alone(learner: Port) -> None:
    """`evaluate_model` only measures: it doesn't change any weights."""
    model = model_of(learner)
    before = {name: parameter.value for name, parameter in model.parameters().items()}
    loaders = loader_of(learner, UNEVEN), loader_of(learner, UNEVEN)
    learner.keep("evaluate_model", model, *loaders, learner.probe("device"), 3)
    for name, parameter in model.parameters().items():
        expect_equal(parameter.value, before[name], f"{name} after the evaluation")


def test_evaluation_returns_two_floats(learner: Port) -> None:
    """`evaluate_model` returns two Python floats, not tensors."""
    loaders = loader_of(learner, UNEVEN), loader_of(learner, UNEVEN)
    losses = learner.call("evaluate_model", model_of(learner), *loaders, learner.probe("device"), 1)
    right = isinstance(losses, (tuple, list)) and [type(loss) for loss in losses] == [float, float]
    expect(right, got=what_came(losses), expected="two floats")


def test_evaluation_gives_the_training_loss_first(learner: Port) -> None:
    """`evaluate_model` returns the training loader's loss first, then the validation loader's."""
    model, train, val = model_of(learner), loader_of(learner, UNEVEN[:2]), loader_of(learner, UNEVEN[1:])
    expected = tuple(loader_loss(learner, loader, model, 2) for loader in (train, val))
    what = "evaluate_model compared with calc_loss_loader: (train_loss, val_loss)"
    expect_same(evaluated(learner, model, train, val, 2), expected, what)


def test_evaluation_is_over_eval_iter_batches(learner: Port) -> None:
    """`evaluate_model` uses the first `eval_iter` batches of each loader."""
    model, train, val = model_of(learner), loader_of(learner, UNEVEN), loader_of(learner, UNEVEN[::-1])
    for eval_iter in (1, 2):
        expected = tuple(loader_loss(learner, loader, model, eval_iter) for loader in (train, val))
        what = f"evaluate_model compared with calc_loss_loader for eval_iter={eval_iter}: (train_loss, val_loss)"
        expect_same(evaluated(learner, model, train, val, eval_iter), expected, what)


def test_training_returns_three_lists(learner: Port) -> None:
    """`train_model_simple` returns three lists of equal length: floats, floats and whole numbers."""
    lists = Training(learner, UNEVEN).lists()
    for values, kind in zip(lists, (float, float, int), strict=True):
        kinds = {type(item) for item in values}
        expect(kinds == {kind}, got=what_came(values), expected=f"a list of {kind.__name__}s")
    lengths = [len(values) for values in lists]
    expect(len(set(lengths)) == 1, got=f"lists of length {lengths}", expected="three of the same length")


def test_a_second_training_repeats_the_first(learner: Port) -> None:
    """Two training runs from the same start give the same lists: nothing is left over from the first.

    Counters and lists outside the function keep what the first run wrote into them.
    """
    first, second = (Training(learner, UNEVEN) for _ in range(2))
    expect_same(second.lists(), first.lists(), "the lists of the second training")


def test_there_is_one_step_a_batch(learner: Port) -> None:
    """The optimizer takes one step for each batch of each epoch."""
    steps = Training(learner, UNEVEN, num_epochs=2).steps()
    expect(len(steps) == 6, got=f"{len(steps)} steps", expected="6 for 2 epochs of 3 batches")


def test_the_first_step_is_in_training_mode(learner: Port) -> None:
    """The first step is taken in training mode, even if the model arrives in eval mode."""
    step = Training(learner, UNEVEN[:1], training=False).steps()[0]
    expect_equal(step["training"], True, "model.training at the first step")


def test_steps_after_an_evaluation_are_in_training_mode(learner: Port) -> None:
    """The steps after an evaluation are taken in training mode, too."""
    modes = [step["training"] for step in Training(learner, UNEVEN).steps()]
    expect(all(modes), got=f"model.training was {modes} at the steps", expected="True at each")


def test_each_step_has_the_gradients_of_its_batch(learner: Port) -> None:
    """The first step uses the gradients of the first batch's loss as they are, whether they are small or large."""
    for weights in ({}, steep_weights()):
        model = model_of(learner)
        if weights:
            model.set_parameters(weights)
        expected = learner.gradients("calc_loss_batch", *UNEVEN[0], model, learner.probe("device"), of=model).parameters
        gradients = Training(learner, UNEVEN[:1], weights=weights, lr=0.0).steps()[0]["gradients"]
        for name, gradient in expected.items():
            arrived = gradients[name] is not None
            expect(
                arrived, got=f"no gradient for {name} at the first step", expected="the gradient of the batch's loss"
            )
            what = f"the gradient of {name} at the first step, compared with calc_loss_batch,"
            expect_same(gradients[name], gradient, what)


def test_gradients_are_fresh_at_each_step(learner: Port) -> None:
    """Each step uses the gradients of its own batch only: nothing is left over from earlier batches.

    In this check, all batches are equal and the learning rate is 0, so all gradients should be equal, too. PyTorch adds
    each new gradient to the one that's already there.
    """
    steps = Training(learner, UNEVEN[:1] * 3, num_epochs=2, lr=0.0).steps()
    first = steps[0]["gradients"]["out_head.weight"]
    for number, step in enumerate(steps):
        got = step["gradients"]["out_head.weight"]
        expect_same(got, first, f"the gradient of out_head.weight at step {number}, compared with step 0,")


def test_evaluations_come_every_eval_freq_steps(learner: Port) -> None:
    """Losses are recorded after steps 0, eval_freq, 2 · eval_freq, …, counted through all epochs.

    In 8 steps, numbered 0 to 7, an `eval_freq` of 3 makes three evaluations.
    """
    for eval_freq, expected in ((3, 3), (5, 2), (100, 1)):
        lists = Training(learner, batches_of(*[(1, 2)] * 4), num_epochs=2, eval_freq=eval_freq).lists()
        lengths = [len(values) for values in lists]
        where = f"8 steps in 2 epochs, eval_freq={eval_freq}"
        expect(
            lengths == [expected] * 3,
            got=f"lists of length {lengths}",
            expected=f"{expected} entries each",
            where=where,
        )


def test_tokens_seen_count_the_input_tokens_of_all_steps(learner: Port) -> None:
    """Tokens seen are the input tokens of all steps so far, texts times tokens, through all epochs."""
    _, _, tokens_seen = Training(learner, UNEVEN, num_epochs=2).lists()
    expect_equal(tokens_seen, [6, 10, 16, 22, 26, 32], "the tokens seen after each step")


def test_the_losses_are_taken_after_the_step(learner: Port) -> None:
    """The recorded losses are those of the model after the step, on both loaders.

    They come from `evaluate_model`. The loss of the batch that the step used is a different number.
    """
    run = Training(learner, UNEVEN[:2], num_epochs=2, eval_iter=2, tilt=0.5)
    train_losses, val_losses, _ = run.lists()
    expect(bool(train_losses and val_losses), got="empty lists of losses", expected="an entry for each of 4 steps")
    got = number_of(train_losses[-1]), number_of(val_losses[-1])
    expected = evaluated(learner, run.model, run.train_loader, run.val_loader, 2)
    expect_same(got, expected, "the (training loss, validation loss) recorded last")


@given(texts=sizes(1, 3), tokens=sizes(1, 4), seed=seeds())
def test_the_batch_loss_equals_torchs_cross_entropy(learner: Port, texts: int, tokens: int, seed: int) -> None:
    """The batch loss is the mean cross-entropy that torch computes over all tokens."""
    batch = batch_of(texts, tokens, seed)
    expected = loss_by_torch(batch, tilt=0.5, seed=seed)
    got = learner.call("calc_loss_batch", *batch, model_of(learner, tilt=0.5, seed=seed), learner.probe("device"))
    expect_equal(got, expected.to(dtype_of(got)), "the loss")


def test_no_id_is_left_out_of_the_loss(learner: Port) -> None:
    """Every id is a target like any other: 0 isn't padding, and 50256, GPT-2's end of a text, counts, too."""
    model = model_of(learner, vocab_size=GPT2_VOCAB)
    for target in (0, GPT2_VOCAB - 1):
        batch = torch.tensor([[1]]), torch.tensor([[target]])
        expected = float(loss_by_torch(batch, vocab_size=GPT2_VOCAB))
        expect_equal(batch_loss(learner, batch, model), expected, f"the loss for the target {target}")


def test_the_batch_loss_is_as_precise_as_the_model(learner: Port) -> None:
    """With a float32 model, the loss has the precision of float32: the model isn't run in half precision."""
    model = learner.probe("LanguageModel", **options_of())
    expected = float(loss_by_torch(batch_of(2, 3, 1)))
    expect_equal(batch_loss(learner, batch_of(2, 3, 1), model), expected, "the loss", tolerance=SINGLE)


def test_the_batch_is_moved_to_the_device(learner: Port) -> None:
    """`calc_loss_batch` moves inputs and targets to `device`, where the model is.

    A loader gives batches on the CPU. Torch's device `meta`, whose tensors have no numbers, stands in for a GPU here.
    """
    expect_batch_loss_on_another_device(learner, batch_of(2, 3, 1))


def test_the_recorded_training_comes_out(learner: Port, golden: Golden) -> None:
    """A training run of six steps gives the losses, tokens seen and weights that a correct solution gives."""
    run = Training(learner, UNEVEN, num_epochs=2, eval_freq=2, eval_iter=2, tilt=0.5)
    for key, values in zip(("train_losses", "val_losses", "track_tokens_seen"), run.lists(), strict=True):
        golden.expect(key, values, key)
    golden.expect("out_head.weight", run.weights()["out_head.weight"], "out_head.weight after training")
