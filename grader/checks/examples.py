"""The examples of a check: Hypothesis makes the same ones for every submission that fails none of them.

So once a check has passed, its examples can be tried without Hypothesis, which is a third of the work. If one fails,
Hypothesis starts over, finds that example, and shrinks it. The learner's code gets the same calls either way.
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

_NOT_REPEATABLE = object()


class Examples:
    """Runs one check, and remembers its examples once it has passed."""

    def __init__(self) -> None:
        self._known: list[dict[str, Any]] = []

    def run(self, check: Callable[..., Any], arguments: Mapping[str, Any], transport: Transport) -> None:
        """Run a check under Hypothesis.

        Args:
            check: the test function that `@given` has made.
            arguments: its arguments other than the drawn values.
            transport: takes its requests; examples can only be tried by themselves if it can rewind.

        Raises:
            BaseException: whatever the check raises; an `Exception` comes from the smallest example that raises it.
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
            # Hypothesis does the same before each example.
            random.seed(0)
            np.random.seed(0)
            inner_test(check)(**arguments, **copy.deepcopy(drawn))

    def _run(self, check: Any, arguments: Mapping[str, Any]) -> None:
        inner = inner_test(check)
        tried: list[Any] = []

        # Hypothesis derives its draws from name and source; `wraps` keeps both.
        @functools.wraps(inner)
        def record(*args: Any, **kwargs: Any) -> Any:
            drawn = {name: value for name, value in kwargs.items() if name not in arguments}
            tried.append(_NOT_REPEATABLE if args else _copied(drawn))
            result = inner(*args, **kwargs)
            finished.append(True)
            return result

        finished: list[bool] = []
        replace_inner_test(check, record)
        try:
            check(**arguments)
        finally:
            replace_inner_test(check, inner)
        # Only Hypothesis can repeat an example that was rejected or that draws more while it runs.
        self._known = tried if len(finished) == len(tried) and _NOT_REPEATABLE not in tried else []


def _copied(drawn: dict[str, Any]) -> Any:
    """Copy drawn values if they are plain enough to be used again."""
    plain = (bool, int, float, str, bytes, type(None))
    waiting = list(drawn.values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple | set):
            waiting += value
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif not isinstance(value, plain):
            return _NOT_REPEATABLE
    return copy.deepcopy(drawn)
