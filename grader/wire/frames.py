"""Frames: an eight-byte length, then that many bytes. `encoding` says what the bytes mean."""

from __future__ import annotations

import struct
from collections.abc import Callable

MAX_FRAME = 64 * 2**20
HEADER = struct.Struct("<Q")
READ_SIZE = 2**18


class WireError(Exception):
    """The bytes that arrived are not a message of this protocol."""


class Frames:
    """The frames that arrive on a connection, however they were split on their way.

    Args:
        receive: returns the bytes that have arrived, at most the number given, and waits if there are none; returns no
            bytes once the other side is gone.
    """

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._arrived = bytearray()

    def next(self) -> bytes:
        """Return the payload of the next frame.

        Raises:
            EOFError: the other side is gone.
            WireError: the length is out of bounds.
        """
        self._wait_for(HEADER.size)
        end = HEADER.size + self._length()
        self._wait_for(end)
        payload = bytes(self._arrived[HEADER.size : end])
        del self._arrived[:end]
        return payload

    def together(self) -> list[bytes]:
        """Return the payloads of all frames that have arrived completely; wait for one if there is none.

        Raises:
            EOFError: the other side is gone.
            WireError: a length is out of bounds.
        """
        payloads = [self.next()]
        while len(self._arrived) >= HEADER.size and len(self._arrived) >= HEADER.size + self._length():
            payloads.append(self.next())
        return payloads

    def _length(self) -> int:
        (length,) = HEADER.unpack_from(self._arrived)
        if length > MAX_FRAME:
            raise WireError(f"a frame of {length} bytes is over the limit")
        return int(length)

    def _wait_for(self, length: int) -> None:
        while len(self._arrived) < length:
            part = self._receive(READ_SIZE)
            if not part:
                raise EOFError
            self._arrived += part
