"""The examples of a check: Hypothesis makes the same ones for every submission that fails none of them.

So once a check has passed, they can be tried by themselves, which is a third of the work; where one fails, Hypothesis
goes through all of it again, finds that one, and makes it small. The learner's side is asked the same in either case.
"""

from __future__ import annotations

import copy
import functools
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.checks.pytest_internals import inner_test, replace_inner_test
from grader.port import Transport
from grader.port.replay import Listener

_NOT_TO_BE_HAD = object()


class Examples:
    """Runs one check, and knows its examples once it has passed."""

    def __init__(self) -> None:
        self._known: list[dict[str, Any]] = []

    def run(self, check: Callable[..., Any], arguments: Mapping[str, Any], transport: Transport) -> None:
        """Run a check under Hypothesis.

        Args:
            check: the test function that `@given` has made.
            arguments: what it gets beside the drawn values.
            transport: over which its questions go; only one that can go back lets examples be tried by themselves.

        Raises:
            BaseException: what the check raises; an `Exception` comes from the smallest example that raises it.
        """
        if self._known and isinstance(transport, Listener):
            transport.mark()
            try:
                self._try_again(check, arguments)
            except Exception:
                transport.rewind()
            else:
                return
        self._run(check, arguments)

    def _try_again(self, check: Any, arguments: Mapping[str, Any]) -> None:
        for drawn in self._known:
            # As Hypothesis does before each example.
            random.seed(0)
            np.random.seed(0)
            inner_test(check)(**arguments, **copy.deepcopy(drawn))

    def _run(self, check: Any, arguments: Mapping[str, Any]) -> None:
        inner = inner_test(check)
        tried: list[Any] = []

        # By name and source, which this keeps, Hypothesis draws.
        @functools.wraps(inner)
        def write_down(*args: Any, **kwargs: Any) -> Any:
            drawn = {name: value for name, value in kwargs.items() if name not in arguments}
            tried.append(_NOT_TO_BE_HAD if args else _copied(drawn))
            result = inner(*args, **kwargs)
            finished.append(True)
            return result

        finished: list[bool] = []
        replace_inner_test(check, write_down)
        try:
            check(**arguments)
        finally:
            replace_inner_test(check, inner)
        # One that was rejected, or that draws more while it runs, is Hypothesis's alone.
        self._known = tried if len(finished) == len(tried) and _NOT_TO_BE_HAD not in tried else []


def _copied(drawn: dict[str, Any]) -> Any:
    """Copy drawn values, where they are plain enough to be had again."""
    plain = (bool, int, float, str, bytes, type(None))
    waiting = list(drawn.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple | set):
            waiting += value
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif not isinstance(value, plain):
            return _NOT_TO_BE_HAD
    return copy.deepcopy(drawn)
