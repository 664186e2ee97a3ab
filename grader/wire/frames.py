"""Frames: what travels is a length of eight bytes, and that many bytes. What stands in them is `wire`'s affair."""

from __future__ import annotations

import struct
from collections.abc import Callable

MAX_FRAME = 64 * 2**20
HEADER = struct.Struct("<Q")
AT_ONCE = 2**18


class WireError(Exception):
    """What arrived is not a message of this protocol."""


class Frames:
    """The frames that arrive at this end, however they were cut on their way.

    Args:
        receive: returns what has arrived, at most so many bytes, and waits where that is nothing; empty at the end.
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
        whole = HEADER.size + self._length()
        self._wait_for(whole)
        payload = bytes(self._arrived[HEADER.size : whole])
        del self._arrived[:whole]
        return payload

    def together(self) -> list[bytes]:
        """Return the payloads of all frames that have arrived whole; wait for one where there is none.

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
            part = self._receive(AT_ONCE)
            if not part:
                raise EOFError
            self._arrived += part
