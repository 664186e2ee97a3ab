"""Writes the code of a question as people write code, what it asks, and what the code doesn't show."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

import torch

from grader.checks.show import show, show_calls
from grader.learner.encodings import ENCODINGS
from grader.practice.option_texts import Part
from grader.practice.simple_cases import plain_value
from grader.wire.requests import (
    AnyRequest,
    Build,
    Call,
    Get,
    Parameters,
    Probe,
    SetParameters,
)

MOST_PARAMETERS = 200
PLAIN = "# in {}, every weight matrix has 1 on its diagonal and 0 elsewhere, scales are 1, biases and shifts are 0"
ORDINALS = ("first", "second", "third", "fourth", "fifth")
DUNDERS = (
    (r"(\w+)\.__len__\(\)", r"len(\1)"),
    (r"(\w+)\.__float__\(\)", r"float(\1)"),
    (r"(\w+)\.__getitem__\((.+)\)$", r"\1[\2]"),
)
"""Calls by names that Python reserves, and how people write them."""
IRRELEVANT = re.compile(r", (?:tilt=0\.0|seed=\d+)(?=[,)])")
"""Arguments of our own models that have no effect on an answer."""

MODEL = "The model is a small language model: it takes ids (batch, tokens), and returns logits (batch, tokens, vocab)."
NOTES = {
    "Tokenizer": "The tokenizer has one id for each character: its code point modulo `vocab_size`.",
    "CharacterTokenizer": "The tokenizer has one id for each character of its alphabet, in order, and the next one for "
    "`<|endoftext|>`.",
    "Loader": "The loader yields these batches, in this order.",
    "PreferenceLoader": "The loader yields these batches, in this order.",
    "LanguageModel": MODEL,
    "CachedLanguageModel": MODEL,
    "SmallGPT": MODEL,
    "optimizer": "The optimizer is torch's.",
    "device": "",
    "Disk": "The disk is a folder; `path` gives the path of a file in it.",
    "Trainee": "The trainee is a small network, and `make_optimizer` makes an optimizer of it.",
    "items": "`items` goes through it, and lists at most `most` items.",
    "frame": "`frame` makes a frame of pandas with these columns.",
    "csv_file": "`csv_file` writes these columns into a CSV file.",
    "frame_contents": "`frame_contents` lists what is in it.",
    "Weights": "The weights are parameters with these values.",
}
"""What a question says about objects that aren't the learner's; a question with others isn't asked."""


def code_of(requests: Sequence[AnyRequest]) -> tuple[str, ...]:
    """Write requests as people write code: with attributes, and without unused names and long tables of numbers."""
    lines = show_calls(requests, len(requests) * MOST_PARAMETERS)[0]
    readable: list[str] = []
    position = 0
    for request in requests:
        count = len(request.values) if isinstance(request, SetParameters) else 1
        group = lines[position : position + count]
        position += count
        if isinstance(request, SetParameters) and count > 3 and _is_plain(request):
            readable.append(PLAIN.format(group[0].partition(".")[0]))
        else:
            readable += [_with_short_tensors(line, request) for line in group]
    return tuple(
        _as_people_write(_without_unused_name(line, readable[number + 1 :]))
        for number, line in enumerate(readable)
        if line != "device = probes.device()"
    )


def _as_people_write(line: str) -> str:
    """Leave out what only our own objects need, and call functions instead of methods with reserved names."""
    line = IRRELEVANT.sub("", line.replace("probes.", ""))
    line = re.sub(r"(?<![\w.])device(?![\w(=])", "'cpu'", line)
    for pattern, replacement in DUNDERS:
        line = re.sub(pattern, replacement, line)
    return line


def _is_plain(request: SetParameters) -> bool:
    return all(torch.equal(value.float(), plain_value(name, value)) for name, value in request.values.items())


def _with_short_tensors(line: str, request: AnyRequest) -> str:
    """Set parameters as attributes, and write zeros and unit matrices in words that torch knows."""
    line = re.sub(r"\.get_parameter\('(.+?)'\)\.data\.copy_\((.*)\)$", r".\1.data = \2", line)
    line = re.sub(r"\.(\d+)(?=\.)", r"[\1]", line) if ".data = " in line else line
    tensors = request.values.values() if isinstance(request, SetParameters) else ()
    for tensor in tensors:
        shape = ", ".join(map(str, tensor.shape))
        if tensor.dim() == 2 and tensor.numel() > 4 and not tensor.any():
            line = line.replace(show(tensor), f"torch.zeros({shape})")
        elif tensor.dim() == 2 and tensor.numel() > 4 and torch.equal(tensor.float(), torch.eye(*tensor.shape)):
            line = line.replace(show(tensor), f"torch.eye({shape})")
    return line


def _without_unused_name(line: str, later: Sequence[str]) -> str:
    name, _, call = line.partition(" = ")
    is_used = any(re.search(rf"\b{re.escape(name)}\b", other) for other in later)
    return call if re.fullmatch(r"result(_\d+)?", name) and not is_used else line


def asks(request: AnyRequest, part: Part) -> str:
    """Write what is asked about the answer to the last request."""
    if part.kind == "shape":
        return "What is the shape of the answer?"
    if part.position is not None:
        return f"What is the {ORDINALS[part.position]} of the values that come back?"
    if isinstance(request, Call) and request.printed:
        return "Which number does the last line print last?"
    if isinstance(request, Parameters):
        return "What are the parameters?"
    if isinstance(request, Get):
        return (
            "What is the value of the attribute?" if request.name else "What is in the variable on the last line now?"
        )
    return "What comes back?"


def notes(requests: Sequence[AnyRequest], code: Sequence[str]) -> tuple[str, ...]:
    """Say what our objects are, and what the code doesn't show: the number of a text's tokens, and all-zero logits."""
    notes = [NOTES[request.kind] for request in requests if isinstance(request, Probe)]
    heads = [request.values for request in requests if isinstance(request, SetParameters)]
    if MODEL in notes and any("out_head.weight" in values and not values["out_head.weight"].any() for values in heads):
        notes.append("Its head is zero and has no bias, so all its logits are 0.")
    if any(".named(" in line for line in code):
        notes.append("`named` lists some of them, and `receive` gives each its gradient.")
    return tuple(dict.fromkeys(note for note in notes if note))


def token_notes(requests: Sequence[AnyRequest]) -> tuple[str, ...]:
    """Say how many tokens the texts have, if no tokenizer of ours is there to tell."""
    if any(isinstance(request, Probe) and request.kind.endswith("Tokenizer") for request in requests):
        return ()
    texts = [
        value
        for request in requests
        if isinstance(request, Build | Call)
        for value in (*request.args, *request.kwargs.values())
        if isinstance(value, str)
    ]
    encode = functools.partial(ENCODINGS["gpt2"].encode, allowed_special="all")
    return tuple(f"The text has {len(encode(text))} tokens." for text in texts)
