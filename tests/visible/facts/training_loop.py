"""What can be measured about `training_loop`: the batch loss first, then the loader's, the evaluation, the training."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import torch
import torch.nn.functional as F

from grader.checks import Port, expect, expect_items, expect_number, expect_tensor, fact, values, what_came
from grader.port import LearnerRaised
from tests.visible.facts import loops
from tests.visible.facts.loops import listed, losses, mean, near
from tests.visible.training import (
    GPT2_VOCAB,
    Training,
    batch_loss,
    batch_of,
    batches_of,
    evaluated,
    loader_loss,
    loader_of,
    loss_by_torch,
    model_of,
    options_of,
)
from tests.visible.training import steep_weights as steep

FLOAT64 = torch.float64
UNEVEN = batches_of((2, 3), (1, 4), (3, 2))
OTHER = batches_of((1, 2), (3, 3), seed=7)
SHAPES = ((1, 1), (1, 2), (2, 1), (2, 3))
WHY_BATCH = "The batch loss is the mean, over all tokens of the batch, of -ln(probability of the token's target)."
LEFT_OUT = "Which targets does your loss leave out?"
WHY_LOADER = (
    "The loss over a loader is the mean of its first `num_batches` batch losses, and all batches count equally."
)
WHY_EVALUATION = (
    "An evaluation only measures: both losses, over eval_iter batches each, with all of the model switched on."
)
WHY_STEP = "Each batch gets one step, on the gradient of its own loss, with the optimizer as it came."
WHY_LISTS = "After steps 0, eval_freq, 2 · eval_freq, … you record both losses and the input tokens trained on so far."


def _shape(texts: int, tokens: int) -> str:
    return f"{texts} text{'s' * (texts > 1)} of {tokens} token{'s' * (tokens > 1)}"


# calc_loss_batch


@fact(why="A batch can have any number of texts and tokens.", hint="Check the shapes on the way.")
def batch_raises(learner: Port) -> str | None:
    """Ask for the loss of batches of several sizes."""

    def ask(texts: int, tokens: int) -> None:
        learner.keep("calc_loss_batch", *batch_of(texts, tokens, 1), model_of(learner), learner.probe("device"))
        learner.flush()

    cases = [(f"a batch of {_shape(*shape)}", lambda shape=shape: ask(*shape)) for shape in SHAPES]
    return loops.raises("calc_loss_batch", cases)


@fact(
    why="Training goes backward from the batch loss: it has to be one number, and still know its graph.",
    hint="What do you do to the loss at the end of the function?",
)
def batch_form(learner: Port) -> str | None:
    """Look at what comes for a batch, and go backward from it."""
    model, device = model_of(learner), learner.probe("device")
    got = learner.call("calc_loss_batch", *batch_of(2, 3, 1), model, device)
    if not isinstance(got, torch.Tensor):
        return f"`calc_loss_batch` returns {what_came(got)}, expected a tensor with one number."
    if got.shape != ():
        kinds = {(6,): ": one loss per token", (2, 3): ": one loss per token", (2,): ": one loss per text"}
        more = kinds.get(tuple(got.shape), "")
        return (
            "For a batch of 2 texts of 3 tokens, `calc_loss_batch` returns a tensor of shape "
            f"{tuple(got.shape)}{more}, expected one number, of shape ()."
        )
    if got.dtype not in (torch.float32, FLOAT64):
        return f"`calc_loss_batch` returns a loss in {got.dtype}; the model's logits are in torch.float64."
    try:
        found = learner.gradients("calc_loss_batch", *batch_of(2, 3, 1), model, device, of=model).parameters
    except LearnerRaised:
        return "Your batch loss has no graph: going backward from it raises an exception."
    missing = [name for name, gradient in found.items() if gradient is None]
    return f"Going backward from your batch loss doesn't reach {missing[0]}." if missing else None


@fact(why="A loss only looks at its batch and its model.", hint="What else does the function do on the way?")
def batch_side_effects(learner: Port) -> str | None:
    """Ask for a loss, and see what became of the ids, the model, and its gradients."""
    ids, device = batch_of(2, 3, 1), learner.probe("device")
    kept = [learner.put(part) for part in ids]
    for mode in (True, False):
        model = model_of(learner).train() if mode else model_of(learner).eval()
        optimizer = learner.probe("optimizer", algorithm="SGD", model=model, lr=0.5)
        learner.keep("calc_loss_batch", *kept, model, device)
        if model.call("is_training") is not mode:
            return f"`calc_loss_batch` switches the model to {'evaluation' if mode else 'training'} mode."
        for handle, before, name in zip(kept, ids, ("input_batch", "target_batch"), strict=True):
            if not torch.equal(expect_tensor(handle.value(), (2, 3), torch.int64), before):
                return f"`calc_loss_batch` writes into {name}: after the call, it has other ids in it."
        steps = optimizer.call("record")
        if steps:
            return "`calc_loss_batch` takes an optimizer step."
        optimizer.keep("step")
        [step] = optimizer.call("record")
        if any(gradient is not None for gradient in step["gradients"].values()):
            return "`calc_loss_batch` goes backward: after the call, the model has gradients."
        loss = expect_number(learner.call("calc_loss_batch", *ids, model_of(learner), device))
        again = expect_number(learner.call("calc_loss_batch", *ids, model_of(learner), device))
        if not near([loss], [again]):
            return f"For the same batch and the same weights, you return {loss:.4g} once, and then {again:.4g}."
    return None


@fact(why="The model reads the inputs; the targets are what it should say after each of them.", hint="What goes in?")
def fed(learner: Port) -> str | None:
    """See which ids the model gets."""
    model = model_of(learner)
    inputs, targets = torch.tensor([[0, 1, 2], [3, 4, 0]]), torch.tensor([[4, 3, 1], [2, 2, 3]])
    learner.keep("calc_loss_batch", inputs, targets, model, learner.probe("device"))
    passes = [row["ids"] for row in model.call("record")]
    if any(torch.equal(ids, targets) for ids in passes):
        return "You feed the model target_batch, expected input_batch."
    seen = {int(i) for ids in passes for i in ids[0].flatten()} if passes else {0, 1, 2}
    if len(passes) == 1 and not torch.equal(passes[0], inputs):
        return f"You feed the model {passes[0].tolist()} if input_batch is {inputs.tolist()}."
    return None if seen >= {0, 1, 2} else f"Of the inputs [0, 1, 2], the model only gets {sorted(seen)}."


def _by_token(learner: Port, targets: torch.Tensor, size: int) -> tuple[float, torch.Tensor, torch.Tensor]:
    """Return the loss of the ids 0, 1, 2, …, the gradient of each one's logits, and the logits (tokens, vocab)."""
    ids = torch.arange(targets.numel()).view(targets.shape)
    logits = values(size, size, seed=5).to(FLOAT64)
    model = loops.speaker(learner, logits)
    found = learner.gradients("calc_loss_batch", ids, targets, model, learner.probe("device"), of=model)
    gradient = expect_tensor(found.parameters["out_head.weight"], (size, size), FLOAT64).T
    return expect_number(found.output), gradient, logits


SIZES = (torch.tensor([[4, 3, 0, 1]]), torch.tensor([[6, 4, 5], [0, 2, 1]]))
"""Targets for ids in order; all are different, and so are the texts, the tokens and the vocabularies (5 and 7)."""
VOCABULARIES = (5, 7)


@fact(why=WHY_BATCH, hint="Which numbers do you add up, and what do you divide by?")
def batch_number(learner: Port) -> str | None:
    """Compare the loss at two sizes with formulas."""
    got, entropies, known = [], [], {}
    for targets, size in zip(SIZES, VOCABULARIES, strict=True):
        loss, _, logits = _by_token(learner, targets, size)
        got.append(loss)
        rows, target = logits[: targets.numel()], targets.flatten()
        entropies.append(F.cross_entropy(rows, target, reduction="none"))
        for name, value in _formulas(rows, target).items():
            known.setdefault(name, []).append(float(value))
    expected = [float(entropy.mean()) for entropy in entropies]
    if near(got, expected):
        return None
    counts = {
        "the number of tokens in the batch": [4, 6],
        "the number of texts": [1, 2],
        "the number of tokens in a text": [4, 3],
        "the size of the vocabulary": [5, 7],
        "ln 2, as in a loss in bits": [math.log(2)] * 2,
        "ln 10, as in a logarithm to base 10": [math.log(10)] * 2,
    }
    for name, numbers in counts.items():
        pairs = list(zip(expected, numbers, strict=True))
        known[f"what is expected, divided by {name}"] = [value / number for value, number in pairs]
        known[f"what is expected, multiplied by {name}"] = [value * number for value, number in pairs]
    name = loops.named(got, {name: numbers for name, numbers in known.items() if len(numbers) == 2})
    factor = got[0] / expected[0]
    if not name and near(got, [factor * value for value in expected]):
        name = f"what is expected, multiplied by {factor:.4g}"
    if name:
        return f"You return {got[1]:.4g} for a batch whose loss is {expected[1]:.4g}: this is {name}."
    return None


def _formulas(rows: torch.Tensor, target: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return what else could be computed of logits (tokens, vocab) and targets, by name."""
    p = rows.softmax(-1)
    entropy = F.cross_entropy(rows, target, reduction="none")
    hot = F.one_hot(target, rows.shape[-1]).to(rows.dtype)
    right = p.gather(-1, target[:, None])[:, 0]
    return {
        "minus what is expected": -entropy.mean(),
        "the perplexity, e to the power of the loss": entropy.mean().exp(),
        "the cross-entropy of probabilities, as if they were logits": F.cross_entropy(p, target),
        "minus the mean probability of the targets": -right.mean(),
        "1 minus the mean probability of the targets": 1 - right.mean(),
        "-ln of the mean probability of the targets": -right.mean().log(),
        "minus the mean logit of the targets": -rows.gather(-1, target[:, None]).mean(),
        "the largest loss of a token": entropy.max(),
        "the smallest loss of a token": entropy.min(),
        "the median of the tokens' losses": entropy.median(),
        "the root of the mean of the squared losses": entropy.square().mean().sqrt(),
        "the mean squared error of the probabilities": (p - hot).square().mean(),
        "the mean squared error of the logits": (rows - hot).square().mean(),
        "the binary cross-entropy of all logits": F.binary_cross_entropy_with_logits(rows, hot),
        "the mean entropy of the predictions, which doesn't look at the targets": -(p * p.log()).sum(-1).mean(),
    } | {
        f"the loss with label smoothing {rate:.2g}": F.cross_entropy(rows, target, label_smoothing=rate)
        for rate in (0.01, 0.05, 0.1, 0.2)
    }


@fact(why=WHY_BATCH, hint="Which logits meet which target, and which tokens count?")
def batch_tokens(learner: Port) -> str | None:
    """Give each token an id of its own, so that the gradient of its logits tells its target and its weight."""
    targets, size = SIZES[1], VOCABULARIES[1]
    loss, gradient, logits = _by_token(learner, targets, size)
    count = targets.numel()
    expected = logits[:count].softmax(-1) - F.one_hot(targets.flatten(), size)
    if float(gradient[count:].abs().max()) > 1e-6:
        return "Weights that no token of the batch uses get a gradient: your loss also contains the weights themselves."
    places = {(place // 3, place % 3) for place in _unseen(gradient[:count])}
    if places:
        other = targets.flip(1)
        ids = {int(targets[place]) for place in places}
        if ids == {int(other.flatten()[place]) for place in _unseen(_by_token(learner, other, size)[1][:count])}:
            return f"Targets with the id {min(ids)} don't count in your loss."
        text, token = min(places)
        return f"In a batch of 2 texts of 3 tokens, token {token} of text {text} doesn't count in your loss."
    for place, row in enumerate(gradient[:count]):
        text, token = divmod(place, 3)
        target = int(targets[text, token])
        where = f"In a batch of 2 texts of 3 tokens, token {token} of text {text} (target: id {target})"
        against = [i for i in range(size) if float(row[i]) < -1e-7]
        if len(against) == 1 and against[0] != target:
            whose = (targets == against[0]).nonzero().tolist()
            more = f", the target of token {whose[0][1]} of text {whose[0][0]}" if whose else ""
            return f"{where} is compared with id {against[0]}{more}."
        weight = float(row @ expected[place] / expected[place].square().sum())
        if near(row.tolist(), (weight * expected[place]).tolist()) and not near([weight], [1 / count]):
            return f"{where} counts with weight {weight:.4g}, expected {1 / count:.4g} = 1/6."
    wanted = float(F.cross_entropy(logits[:count], targets.flatten()))
    if torch.allclose(gradient[:count], expected / count, atol=1e-6) and not near([loss], [wanted]):
        return f"The gradient of your batch loss is right, but the loss itself is {loss:.4g}, expected {wanted:.4g}."
    return None


def _unseen(gradient: torch.Tensor) -> list[int]:
    """List the rows that are 0."""
    return [place for place, row in enumerate(gradient) if float(row.abs().max()) < 1e-7]


@fact(why=WHY_BATCH, hint="Compute this loss by hand, and compare it with each line of your function.")
def batch_examples(learner: Port) -> str | None:
    """Ask for losses that can be computed by hand: the smallest batch first, then large logits."""
    flat, tilted = torch.zeros(3, 3, dtype=FLOAT64), torch.tensor([[1.0, 0, 0]] * 3, dtype=FLOAT64)
    cases = [(f"{_shape(*s)} and equal logits for 3 ids", flat, torch.zeros(s).long(), math.log(3)) for s in SHAPES]
    cases += [
        ("one token, the logits (1, 0, 0) and target 0", tilted, torch.tensor([[0]]), 0.551445),
        ("one token, the logits (1, 0, 0) and target 1", tilted, torch.tensor([[1]]), 1.551445),
        ("two tokens, the logits (1, 0, 0), and targets 0 and 2", tilted, torch.tensor([[0, 2]]), 1.051445),
        ("two texts of a token, the logits (1, 0, 0), and targets 0 and 2", tilted, torch.tensor([[0], [2]]), 1.051445),
    ]
    for size in (5.0, 10.0, 15.0, 20.0):
        name = f"one token, the logits ({size:g}, 0, 0) and target"
        cost = math.log(2 + math.exp(size))
        cases.append((f"{name} 1", size * tilted, torch.tensor([[1]]), cost))
    device = learner.probe("device")
    for name, logits, targets, expected in cases:
        model = loops.speaker(learner, logits)
        got = expect_number(learner.call("calc_loss_batch", torch.zeros_like(targets), targets, model, device))
        if not near([got], [expected]):
            return f"With {name}, your batch loss is {got:.4g}, expected {expected:.4g}."
    for shape in SHAPES:
        for seed in range(3):
            batch = batch_of(*shape, seed)
            got = expect_number(learner.call("calc_loss_batch", *batch, model_of(learner), device))
            [expected] = losses([batch], loops.twin())
            if not near([got], [expected]):
                return f"With {_shape(*shape)}, your batch loss is {got:.7g}, expected {expected:.7g}."
    return None


@fact(why=WHY_BATCH, hint="What happens to the loss between the model and the end of the function?")
def batch_slopes(learner: Port) -> str | None:
    """Compare the gradients with torch's, for small and large gradients."""
    for weights in (None, steep()):
        batch, model = UNEVEN[0], model_of(learner)
        model = model.set_parameters(weights) if weights else model
        found = learner.gradients("calc_loss_batch", *batch, model, learner.probe("device"), of=model).parameters
        for name, wanted in loops.gradient(batch, weights).items():
            got = expect_tensor(found[name], tuple(wanted.shape), FLOAT64)
            if not torch.allclose(got, wanted, rtol=1e-3, atol=1e-5 * float(wanted.abs().max())):
                size, full = float(got.abs().max()), float(wanted.abs().max())
                return f"Your batch loss gives {name} a gradient of up to {size:.4g}, expected up to {full:.4g}."
    return None


@fact(why="Every id is a target like any other: the model also has to learn where a text ends.", hint=LEFT_OUT)
def batch_ids(learner: Port) -> str | None:
    """Ask for the loss of single targets at both ends of GPT-2's vocabulary."""
    model = model_of(learner, vocab_size=GPT2_VOCAB)
    for target in (0, GPT2_VOCAB - 1):
        batch = torch.tensor([[1]]), torch.tensor([[target]])
        got, expected = batch_loss(learner, batch, model), float(loss_by_torch(batch, vocab_size=GPT2_VOCAB))
        if not near([got], [expected]):
            return f"For a batch with the only target {target}, your loss is {got:.4g}, expected {expected:.4g}."
    return None


@fact(why=WHY_BATCH, hint="Which of your lines changes the dtype in which the model computes?")
def batch_precision(learner: Port) -> str | None:
    """Ask a model in float32 for its loss; the loss of one in float64 was right."""
    batch = batch_of(2, 3, 1)
    got = batch_loss(learner, batch, learner.probe("LanguageModel", **options_of()))
    expected = float(loss_by_torch(batch))
    if abs(got - expected) <= 1e-4 * expected:
        return None
    return f"With a model in float32, your loss is {got:.6g}, expected {expected:.6g}: it isn't computed in float32."


# calc_loss_loader


@fact(why=WHY_LOADER, hint="What happens with no batch, with one, and if num_batches is more than there are?")
def loader_raises(learner: Port) -> str | None:
    """Ask for the loss of loaders of several lengths."""

    def ask(batches: int, count: int | None) -> None:
        options = {} if count is None else {"num_batches": count}
        loader = loader_of(learner, UNEVEN[:batches])
        learner.keep("calc_loss_loader", loader, model_of(learner), learner.probe("device"), **options)
        learner.flush()

    cases = [(3, None), (1, None), (3, 1), (3, 2), (3, 3), (3, 5), (0, None), (0, 2)]
    names = {None: "no num_batches"}
    return loops.raises(
        "calc_loss_loader",
        [
            (
                f"{batches or 'no'} batch{'es' * (batches != 1)} in the loader and "
                f"{names.get(count, f'num_batches={count}')}",
                lambda batches=batches, count=count: ask(batches, count),
            )
            for batches, count in cases
        ],
    )


@fact(why="The loss over a loader is a plain number, `nan` if there is nothing to average.", hint="What do you return?")
def loader_form(learner: Port) -> str | None:
    """Look at the type of what comes, and at the loss of an empty loader."""
    device = learner.probe("device")
    for count in ({}, {"num_batches": 1}):
        got = learner.call("calc_loss_loader", loader_of(learner, UNEVEN), model_of(learner), device, **count)
        if type(got) is not float:
            return f"`calc_loss_loader` returns {what_came(got)}, expected a float."
    for count, name in (({}, "without num_batches"), ({"num_batches": 2}, "with num_batches=2")):
        got = learner.call("calc_loss_loader", loader_of(learner, []), model_of(learner), device, **count)
        if type(got) is not float or not math.isnan(got):
            number = f"{got:.4g}" if type(got) in (int, float) else what_came(got)
            return f"For an empty loader, {name}, you return {number}, expected nan."
    return None


@fact(why=WHY_LOADER, hint="What do you add up for each batch, and what do you divide by at the end?")
def loader_mean(learner: Port) -> str | None:
    """Compare the loss over two loaders with formulas, and then see with which weight each batch counts."""
    got, single, known = [], [], {}
    loaders = (UNEVEN, batches_of((3, 1), (1, 2), (2, 4), (1, 1), seed=3))
    for batches in loaders:
        single.append(losses(batches, loops.twin()))
        got.append(loader_loss(learner, loader_of(learner, batches), model_of(learner)))
        again = loader_loss(learner, loader_of(learner, batches), model_of(learner))
        if not near(got[-1:], [again]):
            return f"For the same loader and weights, `calc_loss_loader` returns {got[-1]:.4g} once, then {again:.4g}."
        sizes = [(len(x), x.shape[1]) for x, _ in batches]
        for name, value in _averages(single[-1], sizes).items():
            known.setdefault(name, []).append(value)
    expected = [mean(numbers) for numbers in single]
    if near(got, expected):
        return None
    name = loops.named(got, known)
    digits = next((n for n in range(6) if got == [round(number, n) for number in expected]), None)
    if digits is not None:
        name = f"rounded to {digits} digits"
    if name:
        return f"For three batches with the losses {listed(single[0])}, you return {got[0]:.6g}: {name}."
    rows, found = [], []
    for seed in range(6):
        rows.append(losses(UNEVEN, loops.twin(seed=seed)))
        found.append(loader_loss(learner, loader_of(learner, UNEVEN), model_of(learner, seed=seed)))
    matrix = torch.tensor(rows, dtype=FLOAT64)
    factors = loops.parts(torch.tensor(found, dtype=FLOAT64), list(matrix.T))
    if factors is not None and not near(factors, [1 / 3] * 3):
        return f"Your loss over three batches counts them with the weights {listed(factors)}, expected 0.3333 each."
    return (
        f"For three batches with the losses {listed(single[0])}, you return {got[0]:.6g}, expected {expected[0]:.6g}."
    )


def _averages(numbers: list[float], sizes: list[tuple[int, int]]) -> dict[str, float]:
    """Return what else could be made of the losses of batches of these sizes, by name."""
    count, total = len(numbers), sum(numbers)

    def weighted(of: Callable[[int, int], int]) -> float:
        weights = [of(*size) for size in sizes]
        return sum(w * number for w, number in zip(weights, numbers, strict=True)) / sum(weights)

    running = [mean(numbers[: k + 1]) for k in range(count)]
    return {
        "their sum": total,
        "the last one": numbers[-1],
        "the first one": numbers[0],
        "the largest": max(numbers),
        "the smallest": min(numbers),
        "the median": sorted(numbers)[(count - 1) // 2] if count % 2 else sum(sorted(numbers)[1:3]) / 2,
        "the mean of all but the last": mean(numbers[:-1]),
        "the mean of all but the first": mean(numbers[1:]),
        "their sum, divided by one more than their number": total / (count + 1),
        "their sum, divided by one less than their number": total / (count - 1),
        "the mean, divided by their number once more": total / count**2,
        "the mean, weighted by the tokens of each batch": weighted(lambda texts, tokens: texts * tokens),
        "the mean, weighted by the texts of each batch": weighted(lambda texts, tokens: texts),
        "the mean, weighted by the length of each batch's texts": weighted(lambda texts, tokens: tokens),
        "their sum, divided by the number of tokens": total / sum(texts * tokens for texts, tokens in sizes),
        "their sum, divided by the number of texts": total / sum(texts for texts, _ in sizes),
        "the perplexity, e to the power of their mean": math.exp(total / count),
        "the mean of their perplexities": mean([math.exp(number) for number in numbers]),
        "their mean in bits": total / count / math.log(2),
        "minus their mean": -total / count,
        "their geometric mean": math.exp(mean([math.log(number) for number in numbers])),
        "the root of the mean of their squares": math.sqrt(mean([number**2 for number in numbers])),
        "the mean of the means so far": mean(running),
    }


@fact(why=WHY_LOADER, hint="Which batches do you look at if num_batches is given, and what do you divide by?")
def loader_count(learner: Port) -> str | None:
    """Ask for the loss over 1, 2, 3 and 5 batches of three, and see which batches the model gets."""
    single = losses(UNEVEN, loops.twin())
    total = sum(single)
    for count in (1, 2, 3, 5):
        model, loader = model_of(learner), loader_of(learner, UNEVEN)
        got = loader_loss(learner, loader, model, count)
        runs = len(model.call("record"))
        used = min(count, 3)
        where = f"With 3 batches in the loader and num_batches={count},"
        if not near([got], [mean(single[:used])]):
            known = {
                "the mean over all of them": total / 3,
                "the sum, not the mean": sum(single[:used]),
                "the mean over one batch more": mean(single[: used + 1]),
                "the mean over one batch less": mean(single[: max(used - 1, 1)]),
                "the mean over the last ones": mean(single[-used:]),
                "the last one of them": single[used - 1],
                "the first one": single[0],
                "the right sum, divided by the length of the loader": sum(single[:used]) / 3,
                "the right sum, divided by num_batches": sum(single[:used]) / count,
                "the right sum, divided by one batch more": sum(single[:used]) / (used + 1),
                "the sum over one batch more, divided by num_batches": sum(single[: used + 1]) / count,
                "the sum over one batch less, divided by num_batches": sum(single[: used - 1]) / count,
                "the sum over all of them, divided by num_batches": total / count,
            }
            name = loops.named([got], {name: [number] for name, number in known.items()})
            more = f": this is {name}" if name else ""
            wanted = f"expected {mean(single[:used]):.4g}, "
            wanted += f"the mean of the first {used}" if used > 1 else "the loss of the first one"
            return f"{where} you return {got:.4g}, {wanted}{more}."
        if runs > used:
            return f"{where} the model runs {runs} times, expected {used}."
    return None


# evaluate_model


@fact(why=WHY_EVALUATION, hint="In which mode does the model arrive, and how many batches are there?")
def evaluation_raises(learner: Port) -> str | None:
    """Evaluate with more and with fewer batches than eval_iter."""

    def ask(train: int, val: int, count: int) -> None:
        loaders = loader_of(learner, UNEVEN[:train]), loader_of(learner, UNEVEN[:val])
        learner.keep("evaluate_model", model_of(learner), *loaders, learner.probe("device"), count)
        learner.flush()

    cases = [(1, 1, 1), (3, 3, 1), (3, 3, 2), (3, 1, 2), (1, 3, 2), (1, 1, 3)]
    return loops.raises(
        "evaluate_model",
        [
            (f"{t} training and {v} validation batches and eval_iter={n}", lambda t=t, v=v, n=n: ask(t, v, n))
            for t, v, n in cases
        ],
    )


@fact(why=WHY_EVALUATION, hint="Which modes and contexts surround each of the two losses, and what ends them?")
def evaluation_state(learner: Port) -> str | None:
    """Record the mode and the graph of each forward pass of an evaluation, and what it leaves behind."""
    device = learner.probe("device")
    for mode in (True, False):
        model = model_of(learner).train() if mode else model_of(learner).eval()
        before = {name: parameter.value for name, parameter in model.parameters().items()}
        loaders = loader_of(learner, UNEVEN[:2]), loader_of(learner, OTHER)
        got = learner.call("evaluate_model", model, *loaders, device, 2)
        if not isinstance(got, (tuple, list)) or len(got) != 2:
            return f"`evaluate_model` returns {what_came(got)}, expected two floats: (train_loss, val_loss)."
        if [type(loss) for loss in got] != [float, float]:
            return f"`evaluate_model` returns {what_came(got)}, expected two floats."
        arrival = f"For a model that arrives in {'training' if mode else 'evaluation'} mode,"
        for row in model.call("record"):
            kind = "validation" if any(torch.equal(row["ids"], ids) for ids, _ in OTHER) else "training"
            if row["training"]:
                return f"{arrival} `evaluate_model` runs on the {kind} batches in training mode."
            if row["gradients"]:
                return f"`evaluate_model` runs on the {kind} batches with gradients switched on."
        if model.call("is_training") is not True:
            return f"{arrival} it's in evaluation mode after `evaluate_model`, expected training mode."
        for name, parameter in model.parameters().items():
            if not torch.equal(parameter.value, before[name]):
                return f"`evaluate_model` changes the model's weights ({name})."
            if not parameter.trainable:
                return f"After `evaluate_model`, {name} no longer wants gradients (its requires_grad is False)."
    return None


@fact(why=WHY_EVALUATION, hint="Which loader and which number of batches go into each of the two losses?")
def evaluation_losses(learner: Port) -> str | None:
    """Compare both losses with the means over the first batches, for several eval_iter, in a model with modes."""
    model_losses = [losses(batches, loops.twin(training=False, tilt=0.5)) for batches in (UNEVEN, OTHER)]
    in_training = [losses(batches, loops.twin(tilt=0.5)) for batches in (UNEVEN, OTHER)]
    for count in (1, 2, 3):
        loaders = loader_of(learner, UNEVEN), loader_of(learner, OTHER)
        got = evaluated(learner, model_of(learner, tilt=0.5), *loaders, count)
        wanted = tuple(mean(single[:count]) for single in model_losses)
        if near(got, wanted):
            continue
        again = evaluated(learner, model_of(learner, tilt=0.5), *loaders, count)
        if not near(got, again):
            return (
                f"For the same loaders and weights, `evaluate_model` returns {listed(got)} once, then {listed(again)}."
            )
        if near(got[::-1], wanted):
            return "`evaluate_model` returns the validation loss first, expected (train_loss, val_loss)."
        side = 0 if not near(got[:1], wanted[:1]) else 1
        known = {
            "the mean over all its batches": mean(model_losses[side]),
            "the mean over its first batch": model_losses[side][0],
            "the mean over one batch more": mean(model_losses[side][: count + 1]),
            "their sum": sum(model_losses[side][:count]),
            "the last one of them": model_losses[side][:count][-1],
            "the sum of their losses, divided by eval_iter": sum(model_losses[side][:count]) / count,
            "that of the other loader": wanted[1 - side],
            "the loss in training mode": mean(in_training[side][:count]),
            "the perplexity": math.exp(wanted[side]),
            "the mean of both losses": mean(wanted),
        }
        name = loops.named([got[side]], {name: [number] for name, number in known.items()})
        more = f": this is {name}" if name else ""
        kind, length = ("training", 3) if side == 0 else ("validation", 2)
        return (
            f"With eval_iter={count} and {length} {kind} batches, your {kind} loss is {got[side]:.4g}, "
            f"expected {wanted[side]:.4g}{more}."
        )
    return None


# train_model_simple


@fact(
    why=WHY_STEP, hint="Gradients come from going backward. When do they come, when do they go, and when is the step?"
)
def first_step(learner: Port) -> str | None:
    """See whether there are any gradients when the optimizer takes its first step."""
    gradients = Training(learner, UNEVEN[:1]).steps()[0]["gradients"]
    if all(gradient is None for gradient in gradients.values()):
        return "When the optimizer takes its first step, the weights have no gradients: they are all None."
    if not any(gradient is not None and gradient.any() for gradient in gradients.values()):
        return "When the optimizer takes its first step, all gradients are 0."
    return None


@fact(why="Training goes through any number of batches and epochs.", hint="Try your loop with the smallest case.")
def training_raises(learner: Port) -> str | None:
    """Train with one batch, with several sizes, and for several epochs."""
    cases = [
        ("1 batch and 1 epoch", lambda: Training(learner, UNEVEN[:1])),
        ("1 batch and 2 epochs", lambda: Training(learner, UNEVEN[:1], num_epochs=2)),
        ("3 batches of different sizes", lambda: Training(learner, UNEVEN)),
        ("a model that arrives in evaluation mode", lambda: Training(learner, UNEVEN, training=False)),
        ("an eval_freq larger than the number of steps", lambda: Training(learner, UNEVEN, eval_freq=100)),
        ("an eval_iter larger than the loader", lambda: Training(learner, UNEVEN, eval_iter=5)),
        ("AdamW as the optimizer", lambda: Training(learner, UNEVEN, algorithm="AdamW", lr=0.1)),
        ("2 epochs and eval_freq=2", lambda: Training(learner, UNEVEN, num_epochs=2, eval_freq=2)),
    ]
    return loops.raises("train_model_simple", cases)


@fact(why="It returns (train_losses, val_losses, track_tokens_seen): three lists.", hint="What do you return?")
def training_form(learner: Port) -> str | None:
    """Look at the type of what training returns."""
    got = Training(learner, UNEVEN).returned
    if not isinstance(got, (tuple, list)) or [type(part) for part in got] != [list] * 3:
        return f"`train_model_simple` returns {what_came(got)}, expected three lists."
    return None


@fact(why=WHY_STEP, hint="How often does each of your loops go around, and what can end it early?")
def steps(learner: Port) -> str | None:
    """Count the optimizer's steps: for several numbers of batches, then of epochs, then with other losses."""
    short = [(number, 1) for number in (1, 2, 3, 6)]
    long = [(3, number) for number in (1, 2, 3)]
    for cases, where in ((short, "one epoch of 1, 2, 3 and 6 batches"), (long, "1, 2 and 3 epochs of 3 batches")):
        taken = [_steps(learner, *case) for case in cases]
        wanted = [batches * epochs for batches, epochs in cases]
        if taken == wanted:
            continue
        (batches, epochs) = next(case for case, number in zip(cases, taken, strict=True) if number != math.prod(case))
        steps = f"the optimizer takes {listed(taken)} steps"
        run = Training(learner, UNEVEN)
        if not any(taken) and not torch.equal(run.weights()["out_head.weight"], loops.twin().out_head.weight):
            return f"In {where}, the optimizer that you get takes no step, but the weights change all the same."
        if _steps(learner, batches, epochs, val_batches=OTHER) != _steps(learner, batches, epochs):
            return f"In {where}, {steps}, expected {listed(wanted)}; their number depends on the validation loader."
        if _steps(learner, batches, epochs, lr=0.0) == batches * epochs:
            return f"In {where}, {steps}, expected {listed(wanted)}; with a learning rate of 0, all are taken."
        return f"In {where}, {steps}, expected {listed(wanted)}."
    for batches, lr, why in ((3, 0.0, "don't change"), (3, 8.0, "go up and down"), (1, 2.0, "get small")):
        taken = _steps(learner, batches, 24, lr=lr)
        if taken != 24 * batches:
            return f"In 24 epochs in which losses {why}, the optimizer takes {taken} steps, expected {24 * batches}."
    return None


def _steps(learner: Port, batches: int, epochs: int, **options: Any) -> int:
    """Return how many steps the optimizer takes."""
    run = Training(learner, (UNEVEN * 2)[:batches], num_epochs=epochs, **options)
    return len(expect_items(run.optimizer.call("record"), dict))


@fact(why="Steps are taken in training mode, whatever mode the model arrived in.", hint="Who switches modes, and when?")
def modes(learner: Port) -> str | None:
    """Look at the mode of the model at each step, and when the loss of the step was computed."""
    for training in (True, False):
        for eval_freq in (1, 2, 100):
            run = Training(learner, UNEVEN, num_epochs=2, eval_freq=eval_freq, training=training)
            arrival = "" if training else " and a model that arrives in evaluation mode"
            for number, step in enumerate(run.steps()):
                if not step["training"]:
                    return (
                        f"In 2 epochs of 3 batches with eval_freq={eval_freq}{arrival}, step {number} (the first is 0) "
                        "is taken in evaluation mode, expected training mode."
                    )
            for row in run.model.call("record"):
                batch = next((i for i, (ids, _) in enumerate(UNEVEN) if torch.equal(ids, row["ids"])), None)
                if row["gradients"] and not row["training"] and batch is not None:
                    return f"With eval_freq={eval_freq}{arrival}, the loss of batch {batch} comes from evaluation mode."
    return None


def _split(learner: Port, **options: Any) -> str | None:
    """See which gradients the optimizer gets at each step of a run, in multiples of those of the batches."""
    val = [batch_of(2, 3, 50)]
    names = [*(f"batch {number}" for number in range(3)), "the validation batch", "the weights"]
    rows = [loops.gradient(batch) for batch in [*UNEVEN, *val]] + [dict(loops.twin().named_parameters())]
    run = Training(learner, UNEVEN, lr=0.0, num_epochs=2, val_batches=val, **options)
    for number, step in enumerate(run.steps()):
        found = {}
        for name in rows[0]:
            got = step["gradients"][name]
            got = torch.zeros_like(rows[0][name]) if got is None else got
            found[name] = loops.parts(got, [row[name].detach() for row in rows])
        wanted = [1.0 if i == number % 3 else 0.0 for i in range(5)]
        wrong = {
            name: f
            for name, f in found.items()
            if f is None or not torch.allclose(*map(torch.tensor, (f, wanted)), atol=1e-3)
        }
        if not wrong:
            continue
        name, factors = next(iter(wrong.items()))
        settings = "".join(f", with {name}={value}" for name, value in options.items() if name != "training")
        settings += "" if options.get("training", True) else ", for a model that arrives in evaluation mode"
        where = f"At step {number} (the first is 0){settings}"
        what = "the gradient" if len(wrong) == 3 else f"the gradient of {name}"
        if factors is None:
            got = torch.zeros(1) if step["gradients"][name] is None else step["gradients"][name]
            size, full = float(got.abs().max()), float(rows[number % 3][name].abs().max())
            return (
                f"{where}, {what} isn't that of batch {number % 3}, nor a sum of those of other batches: "
                f"its largest number is {size:.4g}, expected {full:.4g}."
            )
        return f"{where}, {what} is {loops.sum_of(factors, names)}, expected that of batch {number % 3}."
    return None


@fact(
    why="The optimizer comes with its learning rate, and only it changes the weights.", hint="What else do you change?"
)
def rates(learner: Port) -> str | None:
    """Look at the learning rate of each step, and at the weights after training with a rate of 0."""
    for eval_freq, lr in ((1, 0.5), (100, 0.5), (1, 0.0), (100, 0.0)):
        run = Training(learner, UNEVEN, num_epochs=2, eval_freq=eval_freq, lr=lr)
        for number, step in enumerate(run.steps()):
            if not near(step["rates"], [lr]):
                rate = step["rates"][0]
                return (
                    f"The learning rate at step {number} (the first is 0) is {rate:.4g}; it was {lr:.4g} at the start."
                )
        for name, weight in run.weights().items():
            if lr == 0 and not torch.allclose(weight, loops.twin().get_parameter(name), atol=1e-6):
                return f"With a learning rate of 0, training still changes {name}."
    return None


@fact(why=WHY_STEP, hint="Follow the gradients: when are they reset, computed and used, and of which batch?")
def gradients(learner: Port) -> str | None:
    """Split the gradient of each step into those of the batches; the learning rate is 0, so weights stay."""
    for options in ({}, {"eval_freq": 2}, {"eval_freq": 100}, {"eval_iter": 3}, {"training": False}):
        found = _split(learner, **options)
        if found is not None:
            return found
    return None


@fact(why="Nothing limits or scales the gradients: the optimizer gets them as they are.", hint="What happens to them?")
def large_gradients(learner: Port) -> str | None:
    """Give the model weights with gradients in the thousands."""
    step = Training(learner, UNEVEN[:1], weights=steep(), lr=0.0).steps()[0]
    wanted = loops.gradient(UNEVEN[0], steep())
    for name, expected in wanted.items():
        got = step["gradients"][name]
        if got is None or torch.allclose(got.double(), expected, rtol=1e-3, atol=1e-5 * float(expected.abs().max())):
            continue
        size, full = float(got.abs().max()), float(expected.abs().max())
        norm = math.sqrt(sum(float(part.square().sum()) for part in step["gradients"].values() if part is not None))
        factor = size / full
        if torch.allclose(got.double(), factor * expected, rtol=1e-3, atol=1e-5 * size):
            return (
                f"Small gradients arrive as they are, but large ones are multiplied by {factor:.4g}: "
                f"together, they have the norm {norm:.4g}."
            )
        return f"Small gradients arrive as they are, but the largest of {name} is {size:.4g}, expected {full:.4g}."
    return None


OPTIMIZERS = (
    {"algorithm": "SGD", "lr": 0.5},
    {"algorithm": "SGD", "lr": 0.1, "momentum": 0.9},
    {"algorithm": "AdamW", "lr": 0.1, "weight_decay": 0.1},
)


@fact(why=WHY_STEP, hint="What else touches the optimizer, its options or the weights?")
def updates(learner: Port) -> str | None:
    """Let torch's optimizer take the same steps on a twin of the model, with the gradients that were recorded."""
    for options, eval_freq in ((options, eval_freq) for options in OPTIMIZERS for eval_freq in (1, 2, 100)):
        run = Training(learner, UNEVEN, num_epochs=3, eval_freq=eval_freq, **options)
        model = loops.twin()
        kind = {name: value for name, value in options.items() if name != "algorithm"}
        optimizer = getattr(torch.optim, str(options["algorithm"]))(model.parameters(), **kind)
        first, lr = loops.twin().state_dict(), options["lr"]
        taken = run.steps()
        passes = [row for row in run.model.call("record") if row["gradients"] and row["training"]]
        for number, step in enumerate(taken):
            if len(passes) == len(taken) and not _alike(passes[number]["weights"], model.out_head.weight):
                return (
                    f"With {options['algorithm']} and lr={lr}, before step {number} (the first is 0), out_head.weight "
                    "isn't where the steps so far should lead: something else changes the weights, or the optimizer."
                )
            wanted = loops.gradient(UNEVEN[number % 3], model.state_dict())
            old = loops.gradient(UNEVEN[number % 3], first)
            for name, parameter in model.named_parameters():
                got = step["gradients"][name]
                if got is not None and not _alike(got, wanted[name]):
                    more = ": it's that of the weights at the start" if _alike(got, old[name]) else ""
                    return (
                        f"With {options['algorithm']} and lr={lr}, the gradient of {name} at step {number} (the first "
                        f"is 0) isn't the one that belongs to the weights after the optimizer's steps so far{more}."
                    )
                parameter.grad = got
            optimizer.step()
        for name, weight in run.weights().items():
            if not torch.allclose(weight, model.get_parameter(name), atol=1e-3):
                return (
                    f"With {options['algorithm']}, {name} ends where its gradients and the optimizer's steps don't "
                    "lead: something else changes the weights, or the optimizer."
                )
        for name, weight in run.model.parameters().items():
            if not weight.trainable:
                return f"After training, {name} no longer wants gradients (its requires_grad is False)."
    return None


def _alike(got: torch.Tensor, expected: torch.Tensor) -> bool:
    return torch.allclose(got.double(), expected, rtol=1e-3, atol=1e-4)


@fact(why=WHY_LISTS, hint="When do the three lists grow, and by what?")
def entries(learner: Port) -> str | None:
    """Look at the lengths and types of the lists if each step is recorded."""
    lists, again = (Training(learner, UNEVEN, num_epochs=2).lists() for _ in range(2))
    names = ("train_losses", "val_losses", "track_tokens_seen")
    for name, items, second, kind in zip(names, lists, again, (float, float, int), strict=True):
        if len(second) != len(items):
            return (
                f"If you train twice, {name} gets {len(items)} entries, and then {len(second)}, expected 6 each time."
            )
        if len(items) != 6:
            return f"In 2 epochs of 3 batches with eval_freq=1, {name} gets {len(items)} entries, expected 6."
        odd = next((item for item in items if type(item) is not kind), None)
        if odd is not None:
            place = ("first", "second", "third")[names.index(name)]
            return f"The {place} list, {name}, contains {what_came(odd)}, expected {kind.__name__}s only."
    if again[2] != lists[2]:
        return f"If you train twice, track_tokens_seen is {lists[2]}, and then {again[2]}."
    return None


@fact(why="Tokens seen are texts times tokens of the inputs, added up over all steps so far.", hint="What do you add?")
def tokens(learner: Port) -> str | None:
    """Count tokens with batches of 2 texts of 3 tokens, 1 of 4, and 3 of 2, in two epochs."""
    got = loops.numbers_in(Training(learner, UNEVEN, num_epochs=2).lists()[2])
    expected = [6, 10, 16, 22, 26, 32]
    if got is None or got == expected:
        return None
    sizes = [(2, 3), (1, 4), (3, 2)] * 2
    each = [texts * tokens for texts, tokens in sizes]
    known = {
        "the number of batches so far": range(1, 7),
        "the number of batches before": range(6),
        "the number of texts": accumulate(texts for texts, _ in sizes),
        "the number of tokens in one text of each batch": accumulate(tokens for _, tokens in sizes),
        "the inputs and the targets": [2 * number for number in expected],
        "the tokens before the step, without its own batch": [0, *expected[:-1]],
        "the tokens of this epoch only": [6, 10, 16] * 2,
        "the tokens of this batch only": each,
        "the tokens up to the next batch": [*expected[1:], 38],
        "the number of steps, times the size of the current batch": [k * n for k, n in enumerate(each, 1)],
        "the step's number, times the size of the current batch": [k * n for k, n in enumerate(each)],
        "the number of steps, times the size of the first batch": [6 * k for k in range(1, 7)],
        "the number of texts in this batch only": [texts for texts, _ in sizes],
        "the tokens of each position but one": accumulate(texts * (tokens - 1) for texts, tokens in sizes),
        "texts plus tokens": accumulate(map(sum, sizes)),
        "the tokens of the evaluations, too": accumulate(n + 12 for n in each),
    }
    name = loops.named(got, {name: list(numbers) for name, numbers in known.items()})
    more = f": you count {name}" if name else ""
    batches = "2 texts of 3 tokens, 1 of 4, and 3 of 2"
    shown = [int(number) if number == int(number) else number for number in got]
    return f"For batches of {batches}, twice, your tokens seen are {shown}, expected {expected}{more}."


@fact(why=WHY_LISTS, hint="Write down the step's number at each turn, and when the condition is true.")
def schedule(learner: Port) -> str | None:
    """Read from the tokens seen after which steps training records, for several eval_freq."""
    batches = batches_of((1, 2), (2, 3), (1, 4), (1, 1))
    totals = list(accumulate([2, 6, 4, 1] * 2))
    for epochs, eval_freq in ((2, 1), (1, 2), (1, 3), (2, 2), (2, 3), (2, 4), (2, 5), (2, 100)):
        run = Training(learner, batches, num_epochs=epochs, eval_freq=eval_freq)
        lists = run.lists()
        wanted = list(range(0, 4 * epochs, eval_freq))
        where = f"In {epochs} epoch{'s' * (epochs > 1)} of 4 batches with eval_freq={eval_freq},"
        lengths = [len(items) for items in lists]
        if len(set(lengths)) > 1:
            return f"{where} your lists have {lengths[0]}, {lengths[1]} and {lengths[2]} entries."
        seen, after = loops.numbers_in(lists[2]), _evaluated_after(run)
        if after and after != wanted and len(after) == lengths[0]:
            return f"{where} you record after steps {after}, expected {wanted} (the first is 0)."
        if lengths[0] != len(wanted):
            return f"{where} your lists have {lengths[0]} entries, expected {len(wanted)}: after steps {wanted}."
        if seen != [totals[step] for step in wanted]:
            return f"{where} your tokens seen are {lists[2]}, expected {[totals[step] for step in wanted]}."
    return None


def _evaluated_after(run: Training) -> list[int]:
    """Return after which steps the model read the validation batch; empty if a copy of the model did."""
    step, after = -1, []
    for row in run.model.call("record"):
        if torch.equal(row["ids"], batch_of(2, 3, 50)[0]):
            after.append(step)
        elif row["gradients"] and row["training"]:
            step += 1
    return after


@fact(why="The recorded losses are those of `evaluate_model` right after the step.", hint="When are they computed?")
def recorded(learner: Port) -> str | None:
    """Compare the recorded losses with those of the weights before and after each step."""
    for count, lr in ((1, 0.5), (2, 0.5), (3, 0.5), (1, 8.0)):
        found = _recorded(learner, count, lr)
        if found is not None:
            return found
    return None


def _recorded(learner: Port, count: int, lr: float) -> str | None:
    """Compare the losses of three steps, over `count` batches each."""
    options = {"val_batches": OTHER, "eval_iter": count, "tilt": 0.5, "lr": lr}
    weights = [dict(loops.twin().state_dict())]
    weights += [Training(learner, UNEVEN[:k], **options).weights() for k in (1, 2, 3)]
    lists = Training(learner, UNEVEN, **options).lists()
    states = [loops.twin(w, training=False, tilt=0.5) for w in weights]
    modes = [loops.twin(w, training=True, tilt=0.5) for w in weights]
    own = [losses([batch], model)[0] for batch, model in zip(UNEVEN, modes, strict=False)]
    pairs = ((lists[0], "train_losses", UNEVEN, OTHER), (lists[1], "val_losses", OTHER, UNEVEN))
    for items, name, batches, others in pairs:
        got = loops.numbers_in(items)
        expect(got is not None and len(got) == 3, got=what_came(items), expected="three numbers")
        wanted = [mean(losses(batches[:count], state)) for state in states]
        if near(got, wanted[1:]):
            continue
        known = {
            "the losses before each step": wanted[:3],
            "the loss of the batch that each step used, before the step": own,
            "the loss of the batch that each step used, after the step": [
                losses([batch], state)[0] for batch, state in zip(UNEVEN, states[1:], strict=True)
            ],
            "the mean of the losses of the batches trained on so far": [mean(own[: k + 1]) for k in range(3)],
            "the losses in training mode": [mean(losses(batches[:count], mode)) for mode in modes[1:]],
            "the losses of the other loader": [mean(losses(others[:count], state)) for state in states[1:]],
            "the losses over all its batches": [mean(losses(batches, state)) for state in states[1:]],
            "the losses over its first batch": [losses(batches[:1], state)[0] for state in states[1:]],
            "the smallest so far": list(accumulate(wanted[1:], min)),
            "the largest so far": list(accumulate(wanted[1:], max)),
            "the mean of those so far": [mean(wanted[1 : k + 1]) for k in (1, 2, 3)],
            "the sum of those so far": list(accumulate(wanted[1:])),
            "the perplexities": [math.exp(number) for number in wanted[1:]],
            "the last losses, three times": [wanted[3]] * 3,
        }
        known |= {f"rounded to {n} digits": [round(number, n) for number in wanted[1:]] for n in range(5)}
        text = loops.named(got, known)
        more = f": these are {text}" if text else ""
        return (
            f"With eval_iter={count}, the {name} of three steps are {listed(got)}, expected {listed(wanted[1:])}{more}."
        )
    return None


@fact(why=WHY_LISTS, hint="What do later epochs and other runs do differently?")
def later_entries(learner: Port) -> str | None:
    """Look at the last losses of two epochs, in a model that is trained with several optimizers and rates."""
    for options in (*OPTIMIZERS, {"algorithm": "SGD", "lr": 8.0}):
        run = Training(learner, UNEVEN, num_epochs=2, val_batches=OTHER, eval_iter=2, tilt=0.5, **options)
        state = loops.twin(run.weights(), training=False, tilt=0.5)
        for name, items, batches in zip(("train_losses", "val_losses"), run.lists(), (UNEVEN, OTHER), strict=False):
            got, wanted = loops.numbers_in(items), mean(losses(batches[:2], state))
            if got and not near(got[-1:], [wanted]):
                return (
                    f"In 2 epochs of 3 batches with {options['algorithm']} and lr={options['lr']}, the last of "
                    f"{name} is {got[-1]:.4g}; the weights at the end give {wanted:.4g}."
                )
    return None


@fact(why="What the model learns depends on the batches and the optimizer only.", hint="What differs in these runs?")
def other_runs(learner: Port) -> str | None:
    """Compare a run with a second one, and its weights with those of runs that only evaluate otherwise."""
    usual = Training(learner, UNEVEN, num_epochs=2)
    ways = {"nothing changes": {}, "eval_freq is 3": {"eval_freq": 3}, "eval_iter is 3": {"eval_iter": 3}}
    ways |= {
        "the validation loader changes": {"val_batches": OTHER},
        "the model arrives in evaluation mode": {"training": False},
    }
    for name, options in ways.items():
        run = Training(learner, UNEVEN, num_epochs=2, **options)
        if not all(torch.allclose(weight, usual.weights()[key], atol=1e-4) for key, weight in run.weights().items()):
            return f"Training ends with other weights if {name}."
        lists = zip(map(loops.numbers_in, run.lists()), map(loops.numbers_in, usual.lists()), strict=True)
        if not options and not all(a is not None and b is not None and near(a, b) for a, b in lists):
            return "A second training from the same weights returns other lists than the first."
    return None
