"""A mapping that forgets what wasn't used for long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Values by their keys; when there are too many, those that weren't used for long are forgotten.

    What was used lately is in the newer of two dictionaries. When that has half of the room, it becomes the older one,
    and whatever is still in the older one is forgotten.

    Args:
        room: the most values.
        size: the most bytes of all values together. A single value of more than half of that isn't remembered.
        size_of: gives the bytes of a value.
    """

    def __init__(self, room: int, size: int, size_of: Callable[[V], int]) -> None:
        self._room, self._size = room // 2, size // 2
        self._size_of = size_of
        self._newer, self._older = dict[bytes, V](), dict[bytes, V]()
        self._used = 0  # bytes of the values in the newer dictionary

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def __contains__(self, key: bytes) -> bool:
        return key in self._newer or key in self._older

    def get(self, key: bytes) -> V | None:
        """Return a value, which counts as used; None if it isn't known."""
        value = self._newer.get(key)
        if value is None and (value := self._older.pop(key, None)) is not None:
            self.put(key, value)
        return value

    def put(self, key: bytes, value: V) -> None:
        """Remember a value, instead of an earlier one for the same key."""
        size = self._size_of(value)
        self._older.pop(key, None)
        if (earlier := self._newer.pop(key, None)) is not None:
            self._used -= self._size_of(earlier)
        if size > self._size:
            return
        if len(self._newer) >= self._room or self._used + size > self._size:
            self._newer, self._older, self._used = {}, self._newer, 0
        self._newer[key] = value
        self._used += size
