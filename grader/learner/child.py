"""The process that holds a learner's objects where there are no walls: `python -I -m grader.learner.child`.

It knows no check, no reference and no result. It reads questions from what was its standard input and writes answers to
what was its standard output; the learner's code finds both of them closed.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import torch

from grader.learner.far import Far
from grader.learner.frames import HEADER, Frames, WireError
from grader.learner.limits import TimedFar
from grader.learner.plain import Opaque
from grader.learner.requests import Answer
from grader.learner.wire import Hello, Question, Response, decode, encode
from grader.learner.workspace import Workspace

READY = b"ready"
HELD_BACK = 0.05
"""Seconds after which an answer goes out even though the next question is here already."""


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

    Answers to questions that have come together go back together: to wake the other side costs more than most of them.
    """
    sys.dont_write_bytecode = True
    far = TimedFar(Far(Workspace({name: Path(path) for name, path in files.items()}), apart=True))
    try:
        answers.write(HEADER.pack(len(READY)) + READY)
        answers.flush()
        flushed = time.monotonic()
        while True:
            question = decode(questions.next(), Question)
            replies = far.answer(question.requests, question.seconds)
            try:
                frame = encode(Response(question.number, replies))
            except WireError as error:
                frame = encode(Response(question.number, [Answer(Opaque(str(error)))]))
            answers.write(frame)
            if not questions.has_next() or time.monotonic() > flushed + HELD_BACK:
                answers.flush()
                flushed = time.monotonic()
    except (EOFError, BrokenPipeError):
        return


def silence() -> None:
    """Connect standard input, output and error to nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


if __name__ == "__main__":
    main()
