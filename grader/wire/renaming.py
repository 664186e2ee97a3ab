"""A renaming: what a learner's module calls the things that checks ask for under other names.

The near side decides on it (`grader.naming`), and the far side applies it, so that everything in between speaks the
names of the exercise.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from grader.wire.slips import Slip


class Renaming(msgspec.Struct, frozen=True):
    """The names in one module that differ from those that checks use, and its slips.

    Attributes:
        objects: for a class or function that checks ask for, its name in the module.
        arguments: for each class or function, the module's name of an argument; an empty one drops the argument.
        by_position: for each class or function, the arguments that it takes only by position, in order.
        parameters: for each class, the module's name of a parameter.
        members: for each class, its name of a method or an attribute.
        keys: for a key that the module looks up in a dict, the key that the dict has.
        unready: classes that don't call `super().__init__()`.
        slips: lines to repair.
    """

    objects: dict[str, str] = {}
    arguments: dict[str, dict[str, str]] = {}
    by_position: dict[str, list[str]] = {}
    parameters: dict[str, dict[str, str]] = {}
    members: dict[str, dict[str, str]] = {}
    keys: dict[str, str] = {}
    unready: list[str] = []
    slips: tuple[Slip, ...] = ()

    def __bool__(self) -> bool:
        return self != Renaming()


Renamings = Mapping[str, Renaming]
"""The renaming of each module that needs one."""


def passed(
    renaming: Renaming, name: str, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """Return the arguments of a call as the module's own class or function takes them."""
    names = renaming.arguments.get(name, {})
    by_position = renaming.by_position.get(name, ())
    positional = tuple(kwargs[argument] for argument in by_position if argument in kwargs)
    others = {argument: value for argument, value in kwargs.items() if argument not in by_position}
    renamed = {names.get(argument, argument): value for argument, value in others.items()}
    renamed.pop("", None)
    return (*args, *positional), renamed
