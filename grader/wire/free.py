"""What is free in an exercise: code that the contract doesn't ask for, and that may fail without a consequence."""

from __future__ import annotations

import msgspec


class Free(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is free in the functions of an exercise's module; nothing, by default.

    Attributes:
        names: a statement that uses an argument or attribute with one of these names is free, and so is what only
            serves such statements.
        unless: a statement that uses one of these, too, is not free.
        calls: a statement that calls one of these functions, or something in one of these packages, is free.
    """

    names: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
