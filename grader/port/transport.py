"""The two transports: the learner's objects are in this process, or in a worker."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from grader.learner.far import Far
from grader.learner.limits import TimedFar, wall_limit
from grader.learner.workspace import Workspace
from grader.port.asking_ahead import AskingAhead
from grader.port.local_process import Subprocess
from grader.wire.connection import START_SECONDS, FarSideGone, WorkerConnection
from grader.wire.encoding import decode_packed, encode_packed, pack_replies, pack_requests, unpack_replies
from grader.wire.frames import WireError
from grader.wire.renaming import Renamings
from grader.wire.requests import AnyRequest, Rename, Reply, Stopped


class Transport(Protocol):
    """Takes requests to a far side and brings the replies back."""

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        """Send requests and return the replies, up to and including the first that is not an `Answer`.

        Args:
            requests: one or more.
            seconds: the time for all of them together; after that, the last reply is `Stopped`.

        Raises:
            FarSideGone: the far side ended, or sent something that is not a reply.
        """

    def rename(self, renamings: Renamings) -> None:
        """From now on, have the far side translate names in requests and replies."""

    def original(self) -> BaseException | None:
        """Return the exception behind the last `Raised`; None if it was raised in another process."""

    def close(self) -> None:
        """End the far side, and drop its objects."""


class InProcess:
    """The learner's objects live in this process: fast, and `breakpoint()` and `--pdb` stop in the learner's code."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._far = TimedFar(Far(workspace))

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        return self._far.answer(requests, seconds)

    def rename(self, renamings: Renamings) -> None:
        self._far.answer(_renames(renamings), START_SECONDS)

    def original(self) -> BaseException | None:
        return self._far.far.raised

    def close(self) -> None:
        self.workspace.close()


class OtherProcess:
    """The learner's objects live in a worker, which starts at the first question and again after its end.

    Args:
        workspace: the learner's modules.
        start: starts a worker for a workspace; by default, one without a sandbox.

    Attributes:
        ahead: asks the worker several questions at once.
        history: a digest of everything that was said so far, with which `grader.port.replay` predicts questions.
    """

    def __init__(self, workspace: Workspace, start: Callable[[Workspace], WorkerConnection] | None = None) -> None:
        self.workspace = workspace
        self._start = start or Subprocess
        self._connection: WorkerConnection | None = None
        self._renamings: Renamings = {}
        self.ahead = AskingAhead(self._connect, self.close)
        self.history = b""

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        return self.unpacked(self.ask_packed(pack_requests(requests), seconds), len(requests))

    def ask_packed(self, requests: bytes, seconds: float) -> bytes:
        """Ask requests that are already packed, and return the packed replies, for `unpacked`.

        Raises:
            FarSideGone: see `ask`.
        """
        connection = self._connect()
        number = secrets.randbits(62)
        try:
            connection.send(encode_packed(number, seconds, requests), wall_limit(seconds))
            answered, replies = decode_packed(connection.receive(wall_limit(seconds)))
            if answered != number:
                raise WireError("the answer belongs to a different question")
        except TimeoutError:
            self.close()
            return pack_replies([Stopped([])])
        except WireError as error:
            raise self._gone_after(error) from error
        except (EOFError, OSError) as error:
            self._connection = None
            self.ahead.forget()
            raise FarSideGone(connection.end()) from error
        if self.ahead.is_worthwhile:
            self.ahead.record(requests)
        return replies

    def _connect(self) -> WorkerConnection:
        if self._connection is None:
            self._connection = self._start(self.workspace)
            if self._renamings:
                renames = pack_requests(_renames(self._renamings))
                self._connection.send(encode_packed(0, START_SECONDS, renames), START_SECONDS)
                self._connection.receive(START_SECONDS)
        return self._connection

    def rename(self, renamings: Renamings) -> None:
        # In a new worker, so that a renaming can't depend on what was asked before.
        self.close()
        self._renamings = renamings

    def unpacked(self, packed: bytes, asked: int) -> list[Reply]:
        """Decode the replies to requests, of which `asked` were sent together.

        Raises:
            FarSideGone: these are not replies, or there are none, or more than requests.
        """
        try:
            replies = unpack_replies(packed)
            if not 1 <= len(replies) <= asked:
                raise WireError("the number of replies is wrong")
        except WireError as error:
            raise self._gone_after(error) from error
        if isinstance(replies[-1], Stopped):
            # Going back would repeat the question, and wait until it is stopped again.
            self.ahead.give_up()
        return replies

    def _gone_after(self, error: WireError) -> FarSideGone:
        self.close()
        return FarSideGone(f"it sent something that is not an answer ({error})")

    def original(self) -> BaseException | None:
        return None

    def close(self) -> None:
        self.ahead.forget()
        connection, self._connection = self._connection, None
        if connection is not None:
            # If the sandbox is gone, everything in it has ended.
            with contextlib.suppress(ConnectionError):
                connection.end()


def _renames(renamings: Renamings) -> list[Rename]:
    return [Rename(module, renaming) for module, renaming in renamings.items()]
