"""Frames: what travels is a length of eight bytes, and that many bytes. What stands in them is `wire`'s affair."""

from __future__ import annotations

import struct
from collections.abc import Callable

MAX_FRAME = 64 * 2**20
HEADER = struct.Struct("<Q")


class WireError(Exception):
    """What arrived is not a message of this protocol."""


def read_frame(read: Callable[[int], bytes]) -> bytes:
    """Read one frame's payload with `read(n)`, which returns fewer bytes only at the end.

    Raises:
        EOFError: the other side is gone.
        WireError: the length is out of bounds.
    """
    header = read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError
    (length,) = HEADER.unpack(header)
    if length > MAX_FRAME:
        raise WireError(f"a frame of {length} bytes is over the limit")
    payload = read(length)
    if len(payload) < length:
        raise EOFError
    return payload
