"""What was said before: a conversation with a learner's modules whose outcome is known need not be judged again.

A check sees nothing of a submission but the replies to its questions, and what it asks next follows from these. So
where every reply is, bit for bit, what another submission has replied, the outcome is the same too; no check runs, and
what is left to do is the learner's own arithmetic. Most of a class's right answers, and many a mistake, agree that way.
Judges that work side by side tell one another what they have come to know.

What counts is asked in the same order with and without a memory. Where it is known how conversations went that began in
the same way, the next questions are asked ahead, without waiting for the replies; a process that then says something
else has seen questions too many, and is replaced by one that has not.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import logging
import pickle
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch

from grader.port.transport import OtherProcess, Transport
from grader.wire.connection import FarSideGone
from grader.wire.encoding import pack_requests, pack_tensor, unpack_tensor
from grader.wire.requests import AnyRequest, Reply, Stopped

SIZE = 16  # bytes of a digest

ROOM = 400_000
"""Questions that are remembered, some 200 bytes each; when there are more, all is forgotten, and it fills anew."""

WAYS = 16 * 2**20
"""Bytes in which is remembered how conversations went on, 16 for each question; when there are more, as above."""

LARGEST, ROOM_FOR_ALL = 4 * 2**20, 128 * 2**20
"""Bytes of replies in one conversation, and in all, whose outcomes hold on to replies; there is room for no more."""

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Remembered(Generic[T]):
    """What a conversation came to: `path` stands for everything that was said in it; empty where that is not known."""

    value: T
    path: bytes


class Conversation(ABC, Generic[T]):
    """What is asked of a learner's modules, and what comes of it: a check, an examination, a diagnosis.

    Attributes:
        about: what the outcome depends on beside the replies.
        transport: where the questions go.
    """

    about: tuple[str | bytes, ...]
    transport: Transport

    @abstractmethod
    def seconds_left(self) -> float:
        """Return the seconds that the next question may take."""

    @abstractmethod
    def hold(self, transport: Transport) -> T:
        """Ask over a transport, and return the outcome, which must follow from the replies."""

    def lasts(self, outcome: T) -> bool:
        """Say whether an outcome may be remembered."""
        return True

    def has_replies(self, outcome: T) -> bool:
        """Say whether an outcome holds on to replies, of which there is only so much room."""
        return True

    def forgive(self, seconds: float) -> None:
        """Take seconds that have passed without being the learner's."""
        return


class Memory:
    """Outcomes of conversations by what was said in them.

    Args:
        room: how many questions are remembered.
        shared: there are others, to whom `shared_replies` goes.
        replay: whether conversations are remembered at all; without it each is held.
    """

    def __init__(self, room: int = ROOM, shared: bool = False, replay: bool = True) -> None:
        self._room = room
        self._shared = shared
        self._replay = replay
        # By what was said so far: what is asked next, or the outcome.
        self._next: dict[bytes, bytes | Remembered[Any]] = {}
        # What was asked, by its digest; the others know those in `_told`, too.
        self._requests: dict[bytes, bytes] = {}
        self._told: set[bytes] = set()
        self._bytes = 0
        self._ways = _Ways()
        self._shared_replies: list[tuple[bytes, bytes | Remembered[Any]]] = []

    def outcome(self, conversation: Conversation[T]) -> Remembered[T]:
        """Return what a conversation comes to; it is held as far as that is not known yet.

        Raises:
            BaseException: what holding it raises.
        """
        transport = conversation.transport
        if not self._replay or not isinstance(transport, OtherProcess):
            return Remembered(conversation.hold(transport), b"")
        said = _Said(conversation.about)
        before = _digest(transport.history, said.path)
        while isinstance(step := self._next.get(said.path), bytes) and (seconds := conversation.seconds_left()) > 0:
            if transport.asks_ahead and len(coming := self._coming(before, said)) > 1:
                conversation.forgive(said.ask_ahead(transport, coming, seconds, conversation.seconds_left))
                continue
            said.ask(transport, step, seconds)
            if said.gone is not None:
                break
        if isinstance(step, Remembered):
            self._ways.went(before, said.way)
            transport.history = _digest(transport.history, step.path)
            return step
        listener = Listener(self, transport, said)
        try:
            value = conversation.hold(listener)
        except _AskedOtherwise:
            about = conversation.about
            _log.warning("a check asked otherwise than before, although the replies were the same: %s", about)
            return Remembered(conversation.hold(transport), b"")
        size = listener.size if conversation.has_replies(value) else 0
        if not listener.sound or size > LARGEST or not conversation.lasts(value):
            return Remembered(value, b"")
        found = Remembered(value, listener.path)
        self._keep(listener.path, found, found, size)
        self._ways.went(before, listener.way)
        transport.history = _digest(transport.history, found.path)
        return found

    def _coming(self, before: bytes, said: _Said) -> list[tuple[bytes, bytes]]:
        """Foresee questions, each with the path that the reply leads to if it is as expected."""
        way = self._ways.foreseen(before, said.way)
        paths = [way[place : place + SIZE] for place in range(len(said.way) - SIZE, len(way), SIZE)]
        coming = []
        for path, after in itertools.pairwise(paths):
            if not isinstance(step := self._next.get(path), bytes):
                break
            coming.append((step, after))
        return coming

    def learn(self, path: bytes, requests: bytes) -> None:
        """Remember what is asked after all that was said."""
        digest = _digest(b"", requests)
        self._keep(path, self._requests.setdefault(digest, requests), digest)

    def shared_replies(self) -> bytes:
        """Return what is known since this was asked last, for others to `hear`; empty where that is nothing."""
        if not self._shared_replies:
            return b""
        asked = {known for _, known in self._shared_replies if isinstance(known, bytes)}
        fresh = {digest: self._requests[digest] for digest in asked - self._told if digest in self._requests}
        self._told.update(fresh)
        steps = [(path, known) for path, known in self._shared_replies if isinstance(known, bytes)]
        outcomes = [(path, _packed(known)) for path, known in self._shared_replies if isinstance(known, Remembered)]
        self._shared_replies = []
        return pickle.dumps((fresh, steps, outcomes), pickle.HIGHEST_PROTOCOL)

    def hear(self, shared_replies: bytes) -> None:
        """Take in what another judge has come to know: never anything that has come from a learner's process as it is.

        Whoever tells has unpacked and checked the replies; what is pickled here are our own objects.
        """
        fresh, steps, outcomes = pickle.loads(shared_replies)
        self._told.update(fresh)
        for digest, requests in fresh.items():
            self._requests.setdefault(digest, requests)
        for path, digest in steps:
            if path not in self._next and digest in self._requests:
                self._put(path, self._requests[digest])
        for path, packed in outcomes:
            if path not in self._next:
                self._put(path, pickle.loads(packed), len(packed))

    def _keep(self, path: bytes, known: bytes | Remembered[Any], told: bytes | Remembered[Any], size: int = 0) -> None:
        self._put(path, known, size)
        if self._shared:
            self._shared_replies.append((path, told))

    def _put(self, path: bytes, known: bytes | Remembered[Any], size: int = 0) -> None:
        self._bytes += size
        if len(self._next) >= self._room or self._bytes > ROOM_FOR_ALL:
            self._next.clear()
            self._requests.clear()
            self._ways = _Ways()
            self._bytes = size
        self._next[path] = known


def _packed(outcome: Remembered[Any]) -> bytes:
    packed = io.BytesIO()
    _Pickler(packed, pickle.HIGHEST_PROTOCOL).dump(outcome)
    return packed.getvalue()


class _Pickler(pickle.Pickler):
    """Writes tensors as they travel to a far side, which is quicker and smaller than torch's own way."""

    def reducer_override(self, value: Any) -> Any:
        return (unpack_tensor, pack_tensor(value)) if type(value) is torch.Tensor else NotImplemented


class _AskedOtherwise(BaseException):
    """A check is no function of the replies to it; not an `Exception`, for Hypothesis must not shrink it."""


class _Ways:
    """How conversations went, from the paths after each reply, by what was said in their process before them."""

    def __init__(self) -> None:
        self._known: dict[bytes, list[bytes]] = {}
        self._bytes = 0

    def went(self, before: bytes, way: bytearray) -> None:
        """Remember how a conversation went."""
        known = self._known.get(before, ())
        if way in known:
            return
        self._bytes += len(way)
        if self._bytes > WAYS:
            self._known.clear()
            self._bytes = len(way)
        self._known.setdefault(before, []).append(bytes(way))

    def foreseen(self, before: bytes, so_far: bytearray) -> bytes:
        """Return how every conversation that went so far has gone on, up to where these part."""
        found = [way for way in self._known.get(before, ()) if way.startswith(so_far)]
        if not found:
            return bytes(so_far)
        # Of all, the first and the last in order have the least in common.
        low, high = min(found), max(found)
        if low == high:
            return low
        whole = next((at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
        return low[: whole // SIZE * SIZE]


class _Said:
    """What was said before a check came to ask it, and an end that came too early."""

    def __init__(self, about: Sequence[str | bytes]) -> None:
        self.path = _digest(b"", *about)
        self.way = bytearray(self.path)
        self.exchanges: list[tuple[bytes, bytes]] = []
        self.gone: FarSideGone | None = None

    def ask(self, transport: OtherProcess, requests: bytes, seconds: float) -> None:
        try:
            replies = transport.ask_packed(requests, seconds)
        except FarSideGone as gone:
            replies, self.gone = b"", gone
        self._take(requests, replies)

    def ask_ahead(
        self,
        transport: OtherProcess,
        coming: Sequence[tuple[bytes, bytes]],
        seconds: float,
        left: Callable[[], float],
    ) -> float:
        """Ask what is foreseen, up to the first reply that is not; return the seconds that it took to go back then."""
        replying = transport.ask_ahead([requests for requests, _ in coming], seconds)
        for (requests, expected), replies in zip(coming, replying, strict=False):
            self._take(requests, replies)
            if self.path != expected or left() <= 0:
                break
        else:
            if self.path == coming[-1][1]:
                return 0.0
        start = time.monotonic()
        transport.go_back()
        return time.monotonic() - start

    def _take(self, requests: bytes, replies: bytes) -> None:
        self.exchanges.append((requests, replies))
        self.path = _digest(self.path, replies)
        self.way += self.path


class Listener:
    """A transport that knows the first replies already, and remembers what is asked and replied after these."""

    def __init__(self, memory: Memory, transport: OtherProcess, said: _Said) -> None:
        self._memory, self._transport = memory, transport
        self._known, self._gone = said.exchanges, said.gone
        self._place = 0
        self._since_mark: list[tuple[bytes, bytes]] | None = None
        self._marked = (b"", 0)
        self.way = said.way[:SIZE]
        self.path = bytes(self.way)
        self.sound = True
        self.size = 0

    def mark(self) -> None:
        """Keep what is said from here on, for `rewind`."""
        self._since_mark = []
        self._marked = (bytes(self.way), self.size)

    def rewind(self) -> None:
        """Have what was asked since `mark` asked once more, in the same order; the replies to it are known."""
        assert self._since_mark is not None
        self._known = self._since_mark + self._known[self._place :]
        self._place = 0
        self._since_mark = None
        way, self.size = self._marked
        self.way = bytearray(way)
        self.path = way[-SIZE:]

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        packed = pack_requests(requests)
        if self._place < len(self._known):
            asked, replies = self._known[self._place]
            self._place += 1
            if asked != packed:
                raise _AskedOtherwise
            if self._gone is not None and self._place == len(self._known):
                self.sound = False
                raise self._gone
        else:
            if self.sound:
                self._memory.learn(self.path, packed)
            try:
                replies = self._transport.ask_packed(packed, seconds)
            except FarSideGone:
                self.sound = False
                raise
        if self._since_mark is not None:
            self._since_mark.append((packed, replies))
        self.path = _digest(self.path, replies)
        self.way += self.path
        self.size += len(replies)
        try:
            found = self._transport.unpacked(replies, len(requests))
        except FarSideGone:
            self.sound = False
            raise
        # How long something takes is no property of it.
        self.sound = self.sound and not isinstance(found[-1], Stopped)
        return found

    def original(self) -> BaseException | None:
        return None

    def close(self) -> None:
        self._transport.close()


def _digest(path: bytes, *parts: str | bytes) -> bytes:
    found = hashlib.blake2b(path, digest_size=SIZE)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8, "little") + data)
    return found.digest()
