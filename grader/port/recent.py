"""A mapping that forgets what wasn't used for long."""

from __future__ import annotations

from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Values by their keys; when there are too many, those that weren't used for long are forgotten.

    What was used lately is in the newer of two dictionaries. When that has half of the room, it becomes the older one,
    and whatever is still in the older one is forgotten.

    Args:
        room: the most values.
        size: the most bytes of all values together.
    """

    def __init__(self, room: int, size: int) -> None:
        self._room, self._size = room // 2, size // 2
        self._newer, self._older = dict[bytes, V](), dict[bytes, V]()
        # The sizes of values that have one, and of all that are in the newer dictionary together.
        self._newer_sizes, self._older_sizes = dict[bytes, int](), dict[bytes, int]()
        self._used = 0

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def __contains__(self, key: bytes) -> bool:
        return key in self._newer or key in self._older

    def get(self, key: bytes) -> V | None:
        """Return a value, which counts as used; None if it isn't known."""
        value = self._newer.get(key)
        if value is None and (value := self._older.pop(key, None)) is not None:
            self.put(key, value, self._older_sizes.pop(key, 0))
        return value

    def put(self, key: bytes, value: V, size: int = 0) -> None:
        """Remember a value of some bytes, or another one for the same key."""
        if len(self._newer) >= self._room or self._used + size > self._size:
            self._older, self._older_sizes = self._newer, self._newer_sizes
            self._newer, self._newer_sizes, self._used = {}, {}, 0
        self._newer[key] = value
        if size:
            self._newer_sizes[key] = size
            self._used += size
