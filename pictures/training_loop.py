"""The losses of a tiny model that the learner's loop trains, with the baselines that need no model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F

from grader.checks import Port, expect
from grader.learner.probes import LanguageModel
from grader.pictures import Curve, Curves, Level, Picture
from grader.wire.plain import Plain
from tests.visible.training import Batch, loader_of

TEXT = (
    "the cat sat on the mat and the dog sat on the log. the dog saw the cat and the cat saw the dog. "
    "then the cat ran to the log and the dog ran to the mat. the mat was wet and the log was old. "
    "so the dog sat on the cat and the cat ran home. the old dog saw the wet mat and sat on it. "
)
VALIDATION = "the cat saw the log and the dog ran on the wet mat. so the old cat sat on the dog and the log. "
ALPHABET = sorted(set(TEXT + VALIDATION))
TOKENS, TEXTS = 8, 4
EPOCHS, EVERY, LOOKED_AT = 8, 4, 2
OPTIMIZER: dict[str, Any] = {"lr": 0.05, "weight_decay": 0.0}
# In training mode the model leans a little, so that losses measured in the wrong mode are other losses.
MODEL: dict[str, Any] = {"vocab_size": len(ALPHABET), "emb_dim": 12, "context_length": TOKENS, "tilt": 0.5, "seed": 0}
TOLERANCE = 1e-3
ABOUT = (
    "A tiny model reads letters and predicts the next one; your loop trains it. Uniform knows nothing, "
    "unigram knows how frequent each letter is, bigram knows which letter follows which."
)
Evaluation = tuple[float, float, int]
"""Training loss, validation loss, tokens seen."""


def pictures(learner: Port) -> list[Picture]:
    """Draw training and validation losses, and the expected training losses."""
    train, val = _batches(TEXT), _batches(VALIDATION)
    train_losses, val_losses, seen = _trained(learner, train, val)
    expected = _expected(train, val)
    curves = (
        Curve("your training loss", tuple(zip(seen, train_losses, strict=False))),
        Curve("your validation loss", tuple(zip(seen, val_losses, strict=False))),
        Curve("expected training loss", tuple((float(count), loss) for loss, _, count in expected)),
    )
    panel = Curves("Loss in nats", curves, _baselines(), "tokens seen", "loss")
    wrong = _sentences(train_losses, val_losses, seen, expected)
    return [Picture("The loss, and the baselines that it has to beat", (panel,), wrong, ABOUT)]


def _batches(text: str) -> list[Batch]:
    ids = torch.tensor([ALPHABET.index(letter) for letter in text])
    starts = range(0, len(ids) - TOKENS, TOKENS)
    inputs = torch.stack([ids[start : start + TOKENS] for start in starts])
    targets = torch.stack([ids[start + 1 : start + TOKENS + 1] for start in starts])
    return list(zip(inputs.split(TEXTS), targets.split(TEXTS), strict=True))


def _trained(learner: Port, train: Sequence[Batch], val: Sequence[Batch]) -> list[list[float]]:
    """Have the learner's loop train the tiny model; return the three lists."""
    model = learner.probe("LanguageModel", **MODEL).double().set_parameters(_start())
    answer = learner.call(
        "train_model_simple",
        model,
        loader_of(learner, train),
        loader_of(learner, val),
        learner.probe("optimizer", algorithm="AdamW", model=model, **OPTIMIZER),
        learner.probe("device"),
        num_epochs=EPOCHS,
        eval_freq=EVERY,
        eval_iter=LOOKED_AT,
        start_context="the",
        tokenizer=learner.probe("Tokenizer", vocab_size=len(ALPHABET)),
    )
    expected = "(train_losses, val_losses, track_tokens_seen): three lists"
    lists = list(answer) if isinstance(answer, (tuple, list)) else []
    right = len(lists) == 3 and all(isinstance(part, list) for part in lists)
    expect(right, got="None: is a `return` missing?" if answer is None else type(answer).__name__, expected=expected)
    return [[_number(value) for value in part] for part in lists if isinstance(part, list)]


def _start() -> dict[str, torch.Tensor]:
    """Return first weights with which the model knows next to nothing: it begins near the uniform baseline."""
    weights = LanguageModel(**MODEL).double().state_dict()
    return weights | {"out_head.weight": 0.1 * weights["out_head.weight"]}


def _number(value: Plain) -> float:
    number = type(value) in (int, float) or (isinstance(value, torch.Tensor) and value.numel() == 1)
    return float(value) if number else math.nan  # type: ignore[arg-type]


def _expected(train: Sequence[Batch], val: Sequence[Batch]) -> list[Evaluation]:
    """Train a twin of the model with torch's own operations; return every evaluation."""
    model = LanguageModel(**MODEL).double()
    model.load_state_dict(_start())
    optimizer = torch.optim.AdamW(model.parameters(), **OPTIMIZER)
    evaluations: list[Evaluation] = []
    steps = tokens = 0
    for _ in range(EPOCHS):
        for batch in train:
            optimizer.zero_grad()
            _loss(model.train(), batch).backward()
            optimizer.step()
            tokens += batch[0].numel()
            if steps % EVERY == 0:
                evaluations.append((_mean(model, train), _mean(model, val), tokens))
            steps += 1
    return evaluations


def _loss(model: LanguageModel, batch: Batch) -> torch.Tensor:
    return F.cross_entropy(model(batch[0]).transpose(1, 2), batch[1])


def _mean(model: LanguageModel, batches: Sequence[Batch]) -> float:
    with torch.no_grad():
        losses = [float(_loss(model.eval(), batch)) for batch in batches[:LOOKED_AT]]
    return sum(losses) / len(losses)


def _baselines() -> tuple[Level, ...]:
    """Work out what three who never train lose on the validation text; counts start at one, so that nothing is 0."""
    size = len(ALPHABET)
    single, pairs, firsts = Counter(TEXT), Counter(pairwise(TEXT)), Counter(TEXT[:-1])
    following = list(pairwise(VALIDATION))
    unigram = [math.log((single[b] + 1) / (len(TEXT) + size)) for _, b in following]
    bigram = [math.log((pairs[a, b] + 1) / (firsts[a] + size)) for a, b in following]
    return (
        Level("uniform", math.log(size)),
        Level("unigram", -sum(unigram) / len(unigram)),
        Level("bigram", -sum(bigram) / len(bigram)),
    )


def _sentences(
    train: Sequence[float], val: Sequence[float], seen: Sequence[float], expected: Sequence[Evaluation]
) -> tuple[str, ...]:
    if len(train) != len(expected) or len(val) != len(expected) or len(seen) != len(expected):
        counts = f"{len(train)} training losses, {len(val)} validation losses and {len(seen)} counts of tokens"
        return (f"your loop returns {counts}, but {len(expected)} evaluations are expected (eval_freq={EVERY}).",)
    sentences = []
    for number, (got_train, got_val, got_seen) in enumerate(zip(train, val, seen, strict=True)):
        expected_train, expected_val, expected_seen = expected[number]
        for name, got, right in (("training", got_train, expected_train), ("validation", got_val, expected_val)):
            if not abs(got - right) <= TOLERANCE and not any(name in sentence for sentence in sentences):
                sentences.append(f"evaluation {number}: {name} loss: got {got:.3f}, expected {right:.3f}.")
        if got_seen != expected_seen and not any("tokens" in sentence for sentence in sentences):
            sentences.append(f"evaluation {number}: you count {got_seen:g} tokens, but {expected_seen} were seen.")
    if sentences and not train[-1] < train[0]:
        sentences.append("your training loss doesn't fall: does the optimizer take steps, and with fresh gradients?")
    return tuple(sentences)
