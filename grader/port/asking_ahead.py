"""Asking ahead: sending a worker the next questions before it has replied to the earlier ones.

That saves two processes from waking each other for every question. It works if the caller can predict the next
questions, given that the replies are as expected; `grader.port.replay` can. After an unexpected reply, the process has
seen questions that it should not have seen. `go_back` then replaces it with a new one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence

from grader.learner.limits import wall_limit
from grader.wire.connection import WorkerConnection
from grader.wire.encoding import decode_packed, encode_packed, unpack_replies
from grader.wire.frames import WireError
from grader.wire.requests import Stopped

AHEAD_SECONDS = 1.0
"""Seconds that a question may take when it is asked ahead; a slower one is asked again, by itself."""
SENT_TOGETHER = 64 * 2**10
"""Bytes of questions sent before the first is answered; a socket takes that many even if nobody reads it yet."""
LOG = 16 * 2**20
"""Bytes of questions recorded for `go_back`."""


class AskingAhead:
    """Asks one worker after another ahead, and records their answered questions.

    Args:
        connect: returns the connection to the current worker; starts one if there is none.
        close: ends the current worker, and calls `forget`.
    """

    def __init__(self, connect: Callable[[], WorkerConnection], close: Callable[[], None]) -> None:
        self._connect, self._close = connect, close
        self._answered: list[bytes] = []
        self._size = 0
        self._given_up = False

    @property
    def is_worthwhile(self) -> bool:
        """Whether to ask ahead: not after `give_up`, nor if it would take too long to go back."""
        return not self._given_up and self._size <= LOG

    def record(self, question: bytes) -> None:
        """Record a packed question that the current worker has answered."""
        self._size += len(question)
        self._answered.append(question)

    def forget(self) -> None:
        """Forget the answered questions, because the worker that answered them is gone."""
        self._answered = []

    def give_up(self) -> None:
        """Ask nothing ahead from now on."""
        self._given_up = True

    def ask(self, questions: Sequence[bytes], seconds: float) -> Iterator[bytes]:
        """Send packed questions without waiting for replies, and yield the packed replies as they arrive.

        The replies end early if a question isn't answered in time, or if the worker ends. In these cases, and if a
        reply is not as expected, call `go_back` next.
        """
        seconds = min(seconds, AHEAD_SECONDS)
        for portion in _portions(questions):
            connection = self._connect()
            first = secrets.randbits(62)
            try:
                frames = [encode_packed(number, seconds, question) for number, question in enumerate(portion, first)]
                connection.send(b"".join(frames), wall_limit(seconds))
                for number, question in enumerate(portion, first):
                    answered, replies = decode_packed(connection.receive(wall_limit(seconds)))
                    if answered != number or _was_stopped(replies):
                        return
                    self.record(question)
                    yield replies
            except (TimeoutError, WireError, EOFError, OSError):
                return

    def go_back(self) -> None:
        """Replace the worker by a new one that has been asked only the recorded questions."""
        answered = self._answered
        self._close()
        self.give_up()
        if sum(1 for _ in self.ask(answered, AHEAD_SECONDS)) < len(answered):
            self._close()


def _was_stopped(replies: bytes) -> bool:
    # Decoding every reply would cost more than asking the question.
    return Stopped.__name__.encode() in replies and isinstance(unpack_replies(replies)[-1], Stopped)


def _portions(questions: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Divide questions into portions that are sent together."""
    portion: list[bytes] = []
    size = 0
    for question in questions:
        if portion and size + len(question) > SENT_TOGETHER:
            yield portion
            portion, size = [], 0
        portion.append(question)
        size += len(question)
    if portion:
        yield portion
