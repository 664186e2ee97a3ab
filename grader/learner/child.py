"""The process that holds a learner's objects where there are no walls: `python -I -m grader.learner.child`.

It knows no check, no reference and no result. It reads questions from what was its standard input and writes answers to
what was its standard output; the learner's code finds both of them closed.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import torch

from grader.learner.far import Far
from grader.learner.limits import TimedFar
from grader.learner.workspace import Workspace
from grader.wire.encoding import Hello, Question, Response, decode, encode
from grader.wire.frames import HEADER, Frames, WireError
from grader.wire.plain import Opaque
from grader.wire.requests import Answer

READY = b"ready"
HELD_BACK = 0.05
"""Seconds after which answers go out even though the next question is here already."""


def main() -> None:
    """Answer questions about the files that the first message names."""
    questions = Frames(functools.partial(os.read, os.dup(0)))
    answers = os.fdopen(os.dup(1), "wb")
    silence()
    torch.set_num_threads(1)
    try:
        hello = decode(questions.next(), Hello)
    except EOFError:
        return
    serve(questions, answers, hello.files)


def serve(questions: Frames, answers: IO[bytes], files: Mapping[str, str]) -> None:
    """Answer questions about a workspace until the other side closes the connection.

    What has come together is decoded together, and goes back together: the other side is woken less often, and what
    decodes and encodes stays in the processor's caches, out of which the learner's arithmetic drives it each time.
    """
    sys.dont_write_bytecode = True
    far = TimedFar(Far(Workspace({name: Path(path) for name, path in files.items()}), apart=True))
    try:
        answers.write(HEADER.pack(len(READY)) + READY)
        answers.flush()
        while True:
            arrived = [decode(payload, Question) for payload in questions.together()]
            due = time.monotonic() + HELD_BACK
            responses = []
            for question in arrived:
                responses.append(Response(question.number, far.answer(question.requests, question.seconds)))
                if time.monotonic() > due:
                    _send(answers, responses)
                    due = time.monotonic() + HELD_BACK
                    responses = []
            _send(answers, responses)
    except (EOFError, BrokenPipeError):
        return


def _send(answers: IO[bytes], responses: Sequence[Response]) -> None:
    for response in responses:
        try:
            answers.write(encode(response))
        except WireError as error:
            answers.write(encode(Response(response.number, [Answer(Opaque(str(error)))])))
    answers.flush()


def silence() -> None:
    """Connect standard input, output and error to nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


if __name__ == "__main__":
    main()
