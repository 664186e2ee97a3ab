"""The requests that the near side can send to the far side, and the replies. All fields contain plain data."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from grader.wire.plain import Plain
from grader.wire.renaming import Renaming


class Request(msgspec.Struct, frozen=True, tag=True):
    """One request. `keep` is the number under which the far side keeps the result; 0 means it isn't kept."""


class Load(Request, frozen=True):
    """Import the module of an exercise; the answer has the remarks of `grader.wire.remarks`, or is None."""

    module: str


class Signatures(Request, frozen=True):
    """List the classes and functions of a module, and the arguments that they take."""

    module: str


class Slips(Request, frozen=True):
    """List the lines of a module that may contain a slip, as in `grader.wire.slips`."""

    module: str


class Rename(Request, frozen=True):
    """From now on, understand names in requests about a module as its renaming says."""

    module: str
    renaming: Renaming


class Build(Request, frozen=True):
    """Build an object of the class `name` in `module`."""

    module: str
    name: str
    args: Any
    kwargs: Any
    keep: int


class Probe(Request, frozen=True):
    """Build one of our own probes, which records how the learner's code uses it."""

    kind: str
    kwargs: Any
    keep: int


class Put(Request, frozen=True):
    """Keep plain data on the far side; `strided` gives tensors and arrays a memory order that is not contiguous."""

    value: Any
    strided: bool
    keep: int


class Get(Request, frozen=True):
    """Send back the object kept under the number `target`, or its attribute `name`."""

    target: int
    module: str = ""
    name: str = ""


class Call(Request, frozen=True):
    """Call a method of a kept object (`target`), or a function of a module (`target` 0).

    With `printed`, the answer is the text that it printed, and not its result.
    """

    target: int
    module: str
    name: str
    args: Any
    kwargs: Any
    keep: int
    printed: bool = False


class Backward(Request, frozen=True):
    """Call, then run the backward pass from `upstream` (None: ones).

    The answer has the output, the gradients of the positional arguments, and those of the parameters of the kept module
    with the number `of`.
    """

    target: int
    module: str
    name: str
    args: Any
    kwargs: Any
    upstream: Any
    of: int


class Parameters(Request, frozen=True):
    """List a module's parameters: name, whether it is trainable, and value."""

    target: int


class SetParameters(Request, frozen=True):
    """Copy values into parameters, by name; the answer lists problems as sentences."""

    target: int
    values: Any


class Configure(Request, frozen=True):
    """Set a module's mode ("train", "eval") or dtype ("float64", "float32")."""

    target: int
    setting: str


class Watch(Request, frozen=True):
    """From now on, notice which of these torch functions and modules the learner's code uses."""

    names: list[str]


class Used(Request, frozen=True):
    """List the names of `Watch` that were used."""


class Failures(Request, frozen=True):
    """List what failed in free code since the last `Watch`.

    Each is a list: the exception's class, its message, and the module, line, function and source of the line.
    """


class Reset(Request, frozen=True):
    """Forget every kept object and seed every source of randomness; with `reload`, import modules again."""

    seed: int
    reload: bool = False


AnyRequest: TypeAlias = (
    Load
    | Signatures
    | Slips
    | Rename
    | Build
    | Probe
    | Put
    | Get
    | Call
    | Backward
    | Parameters
    | SetParameters
    | Configure
    | Watch
    | Used
    | Failures
    | Reset
)


class Frame(msgspec.Struct, frozen=True):
    """A line of the learner's code that was running when an exception was raised."""

    module: str
    line: int
    function: str
    source: str


class Raised(msgspec.Struct, frozen=True, tag=True):
    """The learner's code raised an exception.

    Attributes:
        types: the names of its class and base classes, from its own to `Exception`.
        text: its message.
        frames: the lines of the learner's code in its traceback, outermost first.
    """

    types: list[str]
    text: str
    frames: list[Frame]

    @property
    def headline(self) -> str:
        """The exception in one line, as Python shows it."""
        return f"{self.types[0]}: {self.text}" if self.text else self.types[0]


class Missing(msgspec.Struct, frozen=True, tag=True):
    """The submission has no such module, or the module has no such name; `existing` lists the names that exist."""

    module: str
    name: str
    existing: list[str]


class Stopped(msgspec.Struct, frozen=True, tag=True):
    """The learner's code was still running when its time was up; `frames` show which lines."""

    frames: list[Frame]


class Answer(msgspec.Struct, frozen=True, tag=True):
    """The request was answered with `value`."""

    value: Plain


Reply: TypeAlias = Answer | Raised | Missing | Stopped
