"""Placeholders for what a learner's module imports, or makes at module level, but can't have where the checks run.

Code that only mentions a placeholder works: `pd.DataFrame` in an annotation, a base class, a decorator. Whatever uses
one raises an error that says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NoReturn

RAISING = """
__iter__ __next__ __len__ __contains__ __setitem__ __delitem__ __enter__ __exit__ __aenter__ __aiter__ __await__
__int__ __float__ __index__ __complex__ __round__ __abs__ __neg__ __pos__ __invert__ __lt__ __le__ __gt__ __ge__
__add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __matmul__ __rmatmul__ __truediv__ __rtruediv__ __floordiv__
__rfloordiv__ __mod__ __rmod__ __pow__ __rpow__ __and__ __rand__ __xor__ __rxor__ __lshift__ __rshift__
"""
"""The operations on a placeholder that raise its error, besides a call."""


class Placeholder(ModuleType):
    """Takes the place of a module, or of something in it.

    Args:
        name: what the learner's code calls it, such as `pandas.DataFrame`.
        problem: makes the error of a use, given that name.
        decorates: says whether the line that runs is a decorator. A decorator that is missing changes nothing.
    """

    def __init__(
        self, name: str, problem: Callable[[str], BaseException], decorates: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__(name)
        self.__all__: list[str] = []
        vars(self).update(_name=name, _problem=problem, _decorates=decorates)

    def __getattr__(self, attribute: str) -> Placeholder:
        if attribute == "__version__":
            raise self._error()
        if attribute.startswith("__") or attribute.startswith(("_ipython_", "_repr_")):
            raise AttributeError(attribute)
        inner = Placeholder(f"{self._name}.{attribute}", self.__dict__["_problem"], self.__dict__["_decorates"])
        self.__dict__[attribute] = inner
        return inner

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self.__dict__["_decorates"]():
            raise self._error()
        if len(args) == 1 and not kwargs and callable(args[0]):
            return args[0]
        return lambda decorated: decorated

    def __getitem__(self, key: object) -> Placeholder:
        return self

    def __or__(self, other: object) -> Placeholder:
        return self

    __ror__ = __or__

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, subclass: type) -> bool:
        return False

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        def raise_error(*args: object, **kwargs: object) -> NoReturn:
            raise self._error()

        return (type(self._name.rpartition(".")[2], (), {"__new__": raise_error}),)

    def __repr__(self) -> str:
        return f"<missing: {self._name}>"

    def _error(self) -> BaseException:
        error: BaseException = self.__dict__["_problem"](self.__dict__["_name"])
        return error


def _raising(self: Placeholder, *args: object) -> NoReturn:
    raise self._error()


for _operation in RAISING.split():
    setattr(Placeholder, _operation, _raising)


class ProgressBar:
    """What is left of `tqdm` if it isn't installed: it goes through the values, and shows nothing."""

    def __init__(self, iterable: Any = None, *args: object, **kwargs: object) -> None:
        self.iterable = iterable
        self.total = kwargs.get("total")
        self.n = 0

    def __iter__(self) -> Iterator[Any]:
        for value in self.iterable:
            self.n += 1
            yield value

    def __len__(self) -> int:
        return len(self.iterable)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *args: object) -> None:
        return

    def update(self, number: int = 1) -> None:
        """Count, as tqdm does."""
        self.n += number

    def _nothing(self, *args: object, **kwargs: object) -> None:
        return

    set_description = set_description_str = set_postfix = set_postfix_str = close = refresh = reset = clear = _nothing

    @staticmethod
    def write(text: str, *args: object, **kwargs: object) -> None:
        """Print a line."""
        print(text)


def progress_bars(name: str) -> ModuleType:
    """Make a module like `tqdm`, in which all parts are the same."""
    module = ModuleType(name)
    vars(module).update(
        tqdm=ProgressBar,
        trange=lambda *numbers, **kwargs: ProgressBar(range(*numbers)),
        tqdm_notebook=ProgressBar,
        auto=module,
        notebook=module,
        autonotebook=module,
        std=module,
    )
    return module
