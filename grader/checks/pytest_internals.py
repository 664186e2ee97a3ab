"""The private names of pytest and Hypothesis that the grader uses, all in this file.

The grader collects checks once and runs them many times, and Hypothesis must try the same examples on every
submission. Neither library has a public way to do that, so a new version of either may rename something used here.
`missing_names` finds out, and a test calls it.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

USED: Mapping[str, Sequence[str]] = {
    "pytest": (
        "_pytest.config._prepareconfig",
        "_pytest.config.Config._do_configure",
        "_pytest.config.Config._ensure_unconfigure",
        "_pytest.nodes.Node.repr_failure",
        "_pytest.runner.runtestprotocol",
    ),
    "hypothesis": (
        "hypothesis.core.HypothesisHandle.inner_test",
        "hypothesis.internal.conjecture.providers.HypothesisProvider._local_constants",
        "hypothesis.internal.constants_ast.Constants",
        "hypothesis.internal.escalation.format_exception",
    ),
}
"""What this file uses, by the package that it belongs to."""


def missing_names(used: Mapping[str, Sequence[str]] = USED) -> list[str]:
    """List the names that an installed package no longer has, each with the package and its version."""
    return [
        f"{package} {importlib.metadata.version(package)} has no {name}"
        for package, names in used.items()
        for name in names
        if not _exists(name)
    ]


def _exists(name: str) -> bool:
    """Look a dotted name up: a module, then attributes of it, or fields that a class declares."""
    module, *attributes = name.split(".")
    value: Any = importlib.import_module(module)
    for position, attribute in enumerate(attributes):
        if hasattr(value, attribute):
            value = getattr(value, attribute)
            continue
        try:
            value = importlib.import_module(".".join([module, *attributes[: position + 1]]))
        except ImportError:
            return attribute in getattr(value, "__annotations__", {})
    return True


def configured(options: list[str]) -> pytest.Config:
    """Return pytest's configuration for some options, with all plugins configured."""
    from _pytest.config import _prepareconfig

    config = _prepareconfig(options)
    config._do_configure()
    return config


def unconfigure(config: pytest.Config) -> None:
    """Undo `configured`; calling it twice does no harm."""
    config._ensure_unconfigure()


def run_protocol(item: pytest.Item) -> list[pytest.TestReport]:
    """Set up, call and tear down a test, without telling pytest's reporters."""
    from _pytest.runner import runtestprotocol

    return runtestprotocol(item, log=False, nextitem=None)


def inner_test(check: Any) -> Callable[..., Any]:
    """Return the function that Hypothesis calls for each example of a test that `@given` has made."""
    inner: Callable[..., Any] = check.hypothesis.inner_test
    return inner


def replace_inner_test(check: Any, inner: Callable[..., Any]) -> None:
    """Have Hypothesis call another function for each example; its draws stay those of the first function."""
    check.hypothesis.inner_test = inner


def forget_local_constants() -> None:
    """Stop Hypothesis from drawing constants that it found in whatever code happens to be imported.

    Otherwise the learner's own file would change the examples that check it.
    """
    from hypothesis.internal.conjecture.providers import HypothesisProvider
    from hypothesis.internal.constants_ast import Constants

    empty = Constants()
    HypothesisProvider._local_constants = property(lambda _: empty)  # type: ignore[assignment, method-assign]


@contextlib.contextmanager
def without_tracebacks(item: pytest.Function) -> Iterator[None]:
    """Keep Hypothesis from having pytest render each failure as text, which takes a fifth of the time for nothing."""
    item.repr_failure = lambda *_: ""  # type: ignore[method-assign]
    try:
        yield
    finally:
        del item.repr_failure
