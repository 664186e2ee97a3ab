"""The worker for platforms without a sandbox: `python -I -m grader.learner.child`.

It knows no check, no reference and no result. It reads questions from its original standard input and writes answers to
its original standard output. For the learner's code, both are connected to nothing.
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
from grader.wire.free import Free
from grader.wire.plain import Opaque
from grader.wire.requests import Answer

READY = b"ready"
HELD_BACK = 0.05
"""Seconds after which answers are sent even if the next question has already arrived."""


def main() -> None:
    """Answer questions about the files listed in the first message, until the other side closes the connection."""
    questions = Frames(functools.partial(os.read, os.dup(0)))
    answers = os.fdopen(os.dup(1), "wb")
    silence()
    torch.set_num_threads(1)
    try:
        hello = decode(questions.next(), Hello)
    except EOFError:
        return
    serve(questions, answers, hello.files, hello.free)


def serve(questions: Frames, answers: IO[bytes], files: Mapping[str, str], free: Mapping[str, Free]) -> None:
    """Answer questions about a workspace until the other side closes the connection.

    Questions that arrive together are decoded together, and their answers are sent together. The other side is woken
    less often, and the code that encodes and decodes stays in the processor's caches, which the learner's arithmetic
    would otherwise fill in between.

    Args:
        questions: the frames that arrive, each a `Question`.
        answers: the stream to write frames to, each a `Response`.
        files: the path of each module's file.
        free: what is free in which modules.
    """
    sys.dont_write_bytecode = True
    workspace = Workspace({name: Path(path) for name, path in files.items()}, free)
    far = TimedFar(Far(workspace, apart=True))
    try:
        answers.write(HEADER.pack(len(READY)) + READY)
        answers.flush()
        while True:
            arrived = [decode(payload, Question) for payload in questions.together()]
            send_at = time.monotonic() + HELD_BACK
            responses = []
            for question in arrived:
                responses.append(Response(question.number, far.answer(question.requests, question.seconds)))
                if time.monotonic() > send_at:
                    _send(answers, responses)
                    send_at = time.monotonic() + HELD_BACK
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
    """Connect standard input, output and error to the null device."""
    null_device = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null_device, descriptor)
    os.close(null_device)


if __name__ == "__main__":
    main()
