"""Replaying known conversations: if the outcome of a conversation with a learner's modules is known, no check runs.

A check learns about a submission only from the replies to its questions, and what it asks next follows from them. So if
every reply is, bit for bit, the reply of an earlier submission, the outcome is the same, too. The check doesn't run,
and only the learner's own arithmetic is left to do. Most of a class's right answers agree in this way, and so do many
mistakes. Grader processes of one run share what they learn.

The questions that count are asked in the same order with and without a memory. If it is known how earlier conversations
with the same beginning went on, the next questions are asked ahead, without waiting for the replies; see
`grader.port.asking_ahead`.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import logging
import pickle
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch

from grader.port.recent import Recent
from grader.port.transport import OtherProcess, Transport
from grader.wire.connection import FarSideGone
from grader.wire.encoding import pack_requests, pack_tensor, unpack_tensor
from grader.wire.renaming import Renamings
from grader.wire.requests import AnyRequest, Reply, Stopped

DIGEST_SIZE = 16  # bytes of a digest

ROOM = 100_000
"""The most questions and outcomes that are remembered; beyond it, those not used lately are forgotten."""

ROOM_FOR_QUESTIONS = 32 * 2**20
"""The most bytes of these questions, of which those with a large model's parameters have millions."""

ROOM_FOR_TRAILS = 4 * 2**20
"""The most bytes of trails, 16 for each question; at the limit, all trails are forgotten."""

LARGEST, ROOM_FOR_ALL = 4 * 2**20, 16 * 2**20
"""The most bytes of questions and replies that one outcome keeps, and all together."""

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Remembered(Generic[T]):
    """The outcome of a conversation.

    Attributes:
        value: the outcome.
        path: a digest of everything that was said in the conversation; empty if the outcome isn't remembered.
        size: the bytes of the questions and replies that the outcome keeps.
    """

    value: T
    path: bytes
    size: int = 0


class Conversation(ABC, Generic[T]):
    """Questions to a learner's modules that lead to an outcome: a check, an examination, a diagnosis.

    Attributes:
        about: everything besides the replies that the outcome depends on.
        transport: takes the questions to the learner's modules.
    """

    about: tuple[str | bytes, ...]
    transport: Transport

    @abstractmethod
    def seconds_left(self) -> float:
        """Return the seconds that the next question may take."""

    @abstractmethod
    def hold(self, transport: Transport) -> T:
        """Ask the questions over a transport, and return the outcome, which must follow from the replies."""

    def lasts(self, outcome: T) -> bool:
        """Say whether an outcome can be remembered."""
        return True

    def kept(self, outcome: T, replies: int) -> int:
        """Return the bytes of questions and replies that an outcome keeps; `replies` are those of all replies."""
        return 0

    def forgive(self, seconds: float) -> None:
        """Don't count seconds that passed but weren't the learner's."""
        return


class Memory:
    """The outcomes of conversations, by what was said in them.

    Args:
        room: the most questions that are remembered.
        shared: whether to collect what is new for other memories, for `shared_replies`.
        replay: whether to remember conversations at all; if not, each one is held.
    """

    def __init__(self, room: int = ROOM, shared: bool = False, replay: bool = True) -> None:
        self._room = room
        self._shared = shared
        self._replay = replay
        # By the path so far: the digest of the next question, or the outcome.
        self._next = Recent[bytes | Remembered[Any]](room, ROOM_FOR_ALL, _size)
        # Questions by their digests; the other memories were told those in `_shared_digests`, too.
        self._requests = Recent[bytes](room, ROOM_FOR_QUESTIONS, len)
        self._shared_digests: set[bytes] = set()
        self._trails = _Trails()
        self._shared_replies: list[tuple[bytes, bytes | Remembered[Any]]] = []

    def outcome(self, conversation: Conversation[T]) -> Remembered[T]:
        """Return the outcome of a conversation, which is held only if and as far as it isn't known yet.

        Raises:
            BaseException: whatever `Conversation.hold` raises.
        """
        transport = conversation.transport
        if not self._replay or not isinstance(transport, OtherProcess):
            return Remembered(conversation.hold(transport), b"")
        opening = _Opening(conversation.about)
        start = _digest(transport.history, opening.path)
        while (
            isinstance(step := self._next.get(opening.path), bytes)
            and (requests := self._requests.get(step)) is not None
            and (seconds := conversation.seconds_left()) > 0
        ):
            if transport.ahead.is_worthwhile and len(predicted := self._predicted(start, opening)) > 1:
                conversation.forgive(opening.ask_ahead(transport, predicted, seconds, conversation.seconds_left))
                continue
            opening.ask(transport, requests, seconds)
            if opening.gone is not None:
                break
        if isinstance(step, Remembered):
            self._trails.add(start, opening.trail)
            transport.history = _digest(transport.history, step.path)
            return step
        listener = Listener(self, transport, opening)
        try:
            value = conversation.hold(listener)
        except _AskedSomethingElse:
            about = conversation.about
            _log.warning("a check asked a different question after the same replies: %s", about)
            return Remembered(conversation.hold(transport), b"")
        size = conversation.kept(value, listener.size)
        if not listener.sound or size > LARGEST or not conversation.lasts(value):
            return Remembered(value, b"")
        remembered = Remembered(value, listener.path, size)
        self._keep(listener.path, remembered)
        self._trails.add(start, listener.trail)
        transport.history = _digest(transport.history, remembered.path)
        return remembered

    def _predicted(self, start: bytes, opening: _Opening) -> list[tuple[bytes, bytes]]:
        """Predict the next questions, each with the path after the expected reply."""
        trail = self._trails.continued(start, opening.trail)
        positions = range(len(opening.trail) - DIGEST_SIZE, len(trail), DIGEST_SIZE)
        paths = [trail[position : position + DIGEST_SIZE] for position in positions]
        predicted = []
        for path, next_path in itertools.pairwise(paths):
            step = self._next.get(path)
            requests = self._requests.get(step) if isinstance(step, bytes) else None
            if requests is None:
                break
            predicted.append((requests, next_path))
        return predicted

    def learn(self, path: bytes, requests: bytes) -> bool:
        """Remember which packed requests follow a path; return whether that is possible: they may be too large."""
        digest = _digest(b"", requests)
        if self._requests.get(digest) is None:
            self._requests.put(digest, requests)
            # If it was forgotten here, others may have forgotten it, too.
            self._shared_digests.discard(digest)
        if kept := digest in self._requests:
            self._keep(path, digest)
        return kept

    def shared_replies(self) -> bytes:
        """Return what was learned since the last call, for another memory's `hear`; empty if nothing was."""
        if not self._shared_replies:
            return b""
        asked = {known for _, known in self._shared_replies if isinstance(known, bytes)}
        unknown = {digest: self._requests.get(digest) for digest in asked - self._shared_digests}
        fresh = {digest: requests for digest, requests in unknown.items() if requests is not None}
        self._others_know(fresh)
        steps = [(path, known) for path, known in self._shared_replies if isinstance(known, bytes)]
        outcomes = [(path, _packed(known)) for path, known in self._shared_replies if isinstance(known, Remembered)]
        self._shared_replies = []
        return pickle.dumps((fresh, steps, outcomes), pickle.HIGHEST_PROTOCOL)

    def hear(self, shared_replies: bytes) -> None:
        """Add what another grader process has learned, from its `shared_replies`.

        Nothing in it comes directly from a learner's process: the other grader process has unpacked and checked the
        replies, and pickled only our own objects.
        """
        fresh, steps, outcomes = pickle.loads(shared_replies)
        self._others_know(fresh)
        for digest, requests in fresh.items():
            if digest not in self._requests:
                self._requests.put(digest, requests)
        for path, digest in steps:
            if path not in self._next and digest in self._requests:
                self._next.put(path, digest)
        for path, packed in outcomes:
            if path not in self._next:
                self._next.put(path, pickle.loads(packed))

    def _others_know(self, digests: Collection[bytes]) -> None:
        """Remember which questions the other memories needn't be told; if that is too much, they are told again."""
        if len(self._shared_digests) + len(digests) > self._room:
            self._shared_digests.clear()
        self._shared_digests.update(digests)

    def _keep(self, path: bytes, known: bytes | Remembered[Any]) -> None:
        """Remember the digest of the question, or the outcome, that follows a path, for the other memories, too."""
        self._next.put(path, known)
        if self._shared:
            self._shared_replies.append((path, known))


def _size(known: bytes | Remembered[Any]) -> int:
    return known.size if isinstance(known, Remembered) else 0


def _packed(outcome: Remembered[Any]) -> bytes:
    packed = io.BytesIO()
    _Pickler(packed, pickle.HIGHEST_PROTOCOL).dump(outcome)
    return packed.getvalue()


class _Pickler(pickle.Pickler):
    """Pickles tensors as they travel to a far side, which is faster and smaller than torch's own pickling."""

    def reducer_override(self, value: Any) -> Any:
        return (unpack_tensor, pack_tensor(value)) if type(value) is torch.Tensor else NotImplemented


class _AskedSomethingElse(BaseException):
    """A check's questions don't follow from the replies; not an `Exception`, because Hypothesis must not shrink it."""


class _Trails:
    """How earlier conversations went on.

    A trail is the paths after each reply, one after another. Trails are grouped by everything that was said in their
    process before the conversation.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, list[bytes]] = {}
        self._bytes = 0

    def add(self, start: bytes, trail: bytearray) -> None:
        """Remember how a conversation went on from a start."""
        known = self._known.get(start, ())
        if trail in known:
            return
        self._bytes += len(trail)
        if self._bytes > ROOM_FOR_TRAILS:
            self._known.clear()
            self._bytes = len(trail)
        self._known.setdefault(start, []).append(bytes(trail))

    def continued(self, start: bytes, so_far: bytearray) -> bytes:
        """Return how all known conversations with this start and beginning go on, up to their first difference."""
        matches = [trail for trail in self._known.get(start, ()) if trail.startswith(so_far)]
        if not matches:
            return bytes(so_far)
        # In sorted order, the first and the last have the least in common.
        low, high = min(matches), max(matches)
        if low == high:
            return low
        pairs = enumerate(zip(low, high, strict=False))
        common = next((position for position, (left, right) in pairs if left != right), len(low))
        return low[: common // DIGEST_SIZE * DIGEST_SIZE]


class _Opening:
    """The part of a conversation that was asked from memory, before the check runs.

    Attributes:
        path: a digest of everything that was said.
        trail: the paths after each reply.
        exchanges: the packed requests and replies.
        gone: how the process ended, if it ended.
    """

    def __init__(self, about: Sequence[str | bytes]) -> None:
        self.path = _digest(b"", *about)
        self.trail = bytearray(self.path)
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
        predicted: Sequence[tuple[bytes, bytes]],
        seconds: float,
        seconds_left: Callable[[], float],
    ) -> float:
        """Ask the predicted questions, up to the first unexpected reply; return the seconds that going back took."""
        arriving = transport.ahead.ask([requests for requests, _ in predicted], seconds)
        for (requests, expected), replies in zip(predicted, arriving, strict=False):
            self._take(requests, replies)
            if self.path != expected or seconds_left() <= 0:
                break
        else:
            if self.path == predicted[-1][1]:
                return 0.0
        start = time.monotonic()
        transport.ahead.go_back()
        return time.monotonic() - start

    def _take(self, requests: bytes, replies: bytes) -> None:
        self.exchanges.append((requests, replies))
        self.path = _digest(self.path, replies)
        self.trail += self.path


class Listener:
    """A transport that already knows the first replies, and has the memory learn the questions after them.

    Attributes:
        path: a digest of everything that was said.
        trail: the paths after each reply.
        sound: whether the outcome can be remembered, as far as questions and replies go: none was too large, and the
            process has neither ended nor been stopped.
        size: the bytes of all replies.
    """

    def __init__(self, memory: Memory, transport: OtherProcess, opening: _Opening) -> None:
        self._memory, self._transport = memory, transport
        self._known, self._gone = opening.exchanges, opening.gone
        self._position = 0
        self._since_mark: list[tuple[bytes, bytes]] | None = None
        self._marked = (b"", 0)
        self.trail = opening.trail[:DIGEST_SIZE]
        self.path = bytes(self.trail)
        self.sound = True
        self.size = 0

    def mark(self) -> None:
        """Record what is said from here on, for `rewind`."""
        self._since_mark = []
        self._marked = (bytes(self.trail), self.size)

    def rewind(self) -> None:
        """Go back to `mark`: the same questions must come again in the same order, and get the recorded replies."""
        assert self._since_mark is not None
        self._known = self._since_mark + self._known[self._position :]
        self._position = 0
        self._since_mark = None
        trail, self.size = self._marked
        self.trail = bytearray(trail)
        self.path = trail[-DIGEST_SIZE:]

    def ask(self, requests: Sequence[AnyRequest], seconds: float) -> list[Reply]:
        packed = pack_requests(requests)
        if self._position < len(self._known):
            asked, packed_replies = self._known[self._position]
            self._position += 1
            if asked != packed:
                raise _AskedSomethingElse
            if self._gone is not None and self._position == len(self._known):
                self.sound = False
                raise self._gone
        else:
            if self.sound:
                self.sound = self._memory.learn(self.path, packed)
            try:
                packed_replies = self._transport.ask_packed(packed, seconds)
            except FarSideGone:
                self.sound = False
                raise
        if self._since_mark is not None:
            self._since_mark.append((packed, packed_replies))
        self.path = _digest(self.path, packed_replies)
        self.trail += self.path
        self.size += len(packed_replies)
        try:
            replies = self._transport.unpacked(packed_replies, len(requests))
        except FarSideGone:
            self.sound = False
            raise
        # A timeout depends on the machine, so its outcome must not be remembered.
        self.sound = self.sound and not isinstance(replies[-1], Stopped)
        return replies

    def rename(self, renamings: Renamings) -> None:
        self._transport.rename(renamings)

    def original(self) -> BaseException | None:
        return None

    def close(self) -> None:
        self._transport.close()


def _digest(path: bytes, *parts: str | bytes) -> bytes:
    digest = hashlib.blake2b(path, digest_size=DIGEST_SIZE)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()
