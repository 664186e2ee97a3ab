"""What the near side can ask of the far side, and what it hears. All fields hold plain data."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from grader.wire.plain import Plain


class Request(msgspec.Struct, frozen=True, tag=True):
    """One question. `keep` is the number under which the far side keeps the result, 0 for none."""


class Load(Request, frozen=True):
    """Import the module of an exercise."""

    module: str


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
    """Keep a piece of plain data on the far side, tensors with strides of their own where `strided`."""

    value: Any
    strided: bool
    keep: int


class Get(Request, frozen=True):
    """Send back what is kept under a number, or its attribute `name`."""

    target: int
    module: str = ""
    name: str = ""


class Call(Request, frozen=True):
    """Call a method of a kept object (`target`), or a function of a module (`target` 0)."""

    target: int
    module: str
    name: str
    args: Any
    kwargs: Any
    keep: int
    printed: bool = False


class Backward(Request, frozen=True):
    """Call, then send `upstream` backwards: the answer holds output, gradients of arguments and of parameters."""

    target: int
    module: str
    name: str
    args: Any
    kwargs: Any
    upstream: Any
    of: int


class Parameters(Request, frozen=True):
    """List a module's parameters: name, trainable, value."""

    target: int


class SetParameters(Request, frozen=True):
    """Copy values into parameters, by name."""

    target: int
    values: Any


class Configure(Request, frozen=True):
    """Set a module's mode ("train", "eval") or dtype ("float64")."""

    target: int
    setting: str


class Watch(Request, frozen=True):
    """Notice from now on which of these functions of torch, and modules, the learner's code uses."""

    names: list[str]


class Used(Request, frozen=True):
    """List the names of `Watch` that were used."""


class Reset(Request, frozen=True):
    """Forget every kept object and seed every source of randomness; `reload` has modules imported anew."""

    seed: int
    reload: bool = False


AnyRequest: TypeAlias = (
    Load | Build | Probe | Put | Get | Call | Backward | Parameters | SetParameters | Configure | Watch | Used | Reset
)


class Frame(msgspec.Struct, frozen=True):
    """A line of the learner's code that was running when an exception was raised."""

    module: str
    line: int
    function: str
    source: str


class Raised(msgspec.Struct, frozen=True, tag=True):
    """The learner's code raised an exception: its type's names from the most special to `Exception`, and its text."""

    types: list[str]
    text: str
    frames: list[Frame]


class Missing(msgspec.Struct, frozen=True, tag=True):
    """The submission has no such module, or the module no such name."""

    module: str
    name: str
    found: list[str]


class Stopped(msgspec.Struct, frozen=True, tag=True):
    """The learner's code was still running when its time was over; the frames say where."""

    frames: list[Frame]


class Answer(msgspec.Struct, frozen=True, tag=True):
    """The question was answered."""

    value: Plain


Reply: TypeAlias = Answer | Raised | Missing | Stopped
