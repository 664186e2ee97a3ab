"""The name that a learner probably meant, for an exception about a name that doesn't exist."""

from __future__ import annotations

import builtins
import difflib
import re
from collections.abc import Iterable
from types import FrameType

_ATTRIBUTE = re.compile(r"object has no attribute '(\w+)'$")
CLOSE = 0.7
"""How similar two names must be, from 0 to 1."""


def did_you_mean(error: BaseException) -> str:
    """Return what Python adds to a traceback, and not to the message: ". Did you mean: 'head_dim'?"; often empty.

    Python itself has no suggestion for modules of torch, which look up their parameters and parts in their own way.
    """
    if type(error) is NameError:
        frame = _last_frame(error)
        names = [*frame.f_locals, *frame.f_globals, *vars(builtins)] if frame is not None else []
        return _closest(error.name or "", names)
    if type(error) is AttributeError:
        found = _ATTRIBUTE.search(str(error))
        frame = _last_frame(error)
        looked_up = frame.f_locals.get("self") if frame is not None and frame.f_code.co_name == "__getattr__" else None
        return _closest(found[1], dir(error.obj if looked_up is None else looked_up)) if found is not None else ""
    return ""


def _closest(name: str, names: Iterable[object]) -> str:
    others = [other for other in names if isinstance(other, str) and other[:1].isalpha() == name[:1].isalpha()]
    matches = [other for other in others if other != name and other.lower() == name.lower()]
    matches += difflib.get_close_matches(name, others, 1, CLOSE)
    return f". Did you mean: '{matches[0]}'?" if matches else ""


def _last_frame(error: BaseException) -> FrameType | None:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return None if traceback is None else traceback.tb_frame
