"""Laws: rules that many exercises share, each written once with its title and hint.

A law is a check with one thing left open: what it is about. An exercise fills that in and names the result:

    test_inputs_need_not_be_contiguous = laws.inputs_need_not_be_contiguous(NORM)

The law's docstring gives the check's title and hint, unless that line gives others.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis.strategies import SearchStrategy

FIXTURES = ("learner", "reference", "golden")
"""The fixtures that pytest passes to a check."""


@dataclass(frozen=True)
class Drawn:
    """Values of which Hypothesis draws a part, and the check adds the rest.

    Hypothesis varies whatever it has drawn, constants included. Without them, its examples are about what varies.

    Attributes:
        strategy: draws a mapping.
        constants: what is added to each mapping drawn.
    """

    strategy: SearchStrategy[Any]
    constants: Mapping[str, Any]


Source: TypeAlias = SearchStrategy[Any] | Callable[[Any], Any]
"""Where a parameter's values come from: a strategy, or a function that makes it from what the law is about."""


class Law:
    """A rule that becomes a check once it knows what it is about.

    Args:
        function: the rule; its first parameter is what it is about, and its docstring gives title and hint.
        sources: where parameters come from that a check doesn't give.
    """

    def __init__(self, function: Callable[..., None], sources: Mapping[str, Source]) -> None:
        self._function, self._sources = function, sources
        self._about, *self._names = inspect.signature(function).parameters
        functools.update_wrapper(self, function)

    def __call__(
        self, about: Any, /, *, title: str | None = None, hint: str | None = None, **arguments: Any
    ) -> Callable[..., None]:
        """Make a check.

        Args:
            about: the object that the check is about.
            title: the check's title instead of the law's first line. Write it as a literal, since it is read without
                running the file.
            hint: the check's hint instead of the rest of the law's docstring; also a literal.
            arguments: values for the law's parameters. A strategy draws a new value for each example.

        Raises:
            TypeError: the law has no such parameter.
        """
        unknown = arguments.keys() - set(self._names)
        if unknown:
            names = ", ".join(name for name in self._names if name not in FIXTURES)
            raise TypeError(f"the law `{self._function.__name__}` has no `{min(unknown)}`; it has {names or 'nothing'}")
        made = {name: _made(source, about) for name, source in self._sources.items() if name not in arguments}
        values = made | arguments
        constants = {name: value.constants for name, value in values.items() if isinstance(value, Drawn)}
        strategies = {name: value.strategy if isinstance(value, Drawn) else value for name, value in values.items()}
        drawn = {name: value for name, value in strategies.items() if isinstance(value, SearchStrategy)}
        fixed = {name: value for name, value in values.items() if name not in drawn}
        function = self._function

        @functools.wraps(function)
        def check(**others: Any) -> None:
            completed = {name: {**others[name], **added} for name, added in constants.items()}
            function(about, **fixed, **{**others, **completed})

        open_names = [name for name in self._names if name in FIXTURES or name in drawn]
        # From this and the law's source, pytest learns which fixtures to pass, and Hypothesis what to draw.
        check.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in open_names]
        )
        law_title, _, law_hint = inspect.cleandoc(function.__doc__ or "").partition("\n")
        texts = (law_title if title is None else title, law_hint.strip() if hint is None else hint)
        check.__doc__ = "\n\n".join(texts).strip()
        return given(**drawn)(check) if drawn else check


def law(**sources: Source) -> Callable[[Callable[..., None]], Law]:
    """Turn a function into a law.

    Args:
        sources: for each parameter that a check may leave out, the strategy that draws it, or a function that makes the
            strategy (or the value) from what the check is about.
    """
    return lambda function: Law(function, sources)


def _made(source: Source, about: Any) -> Any:
    return source if isinstance(source, SearchStrategy) else source(about)
