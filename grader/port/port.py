"""The near side of the port: the objects that a check works with.

Requests that need no answer (building, setting parameters, switching modes) wait in a queue and travel with the
next one that does, so most checks ask one question per example. The port keeps a transcript of all requests, so a
failing example can be shown as a few lines of Python that reproduce it.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from grader.port.transport import Transport
from grader.wire.connection import FarSideGone
from grader.wire.plain import Opaque, Plain, Ref, copy_plain
from grader.wire.remarks import Remark, from_plain
from grader.wire.requests import (
    Answer,
    AnyRequest,
    Backward,
    Build,
    Call,
    Configure,
    Failures,
    Frame,
    Get,
    Load,
    Missing,
    Parameters,
    Probe,
    Put,
    Raised,
    Reply,
    Reset,
    SetParameters,
    Stopped,
    Used,
    Watch,
)

SEED = 20_240_229
_STUBS_LINE = re.compile(r"(^|: *)raise NotImplementedError\b")


class LearnerError(Exception):
    """The learner's code failed to do what `request` asked for."""

    def __init__(self, request: AnyRequest, message: str) -> None:
        super().__init__(message)
        self.request = request


class LearnerRaised(LearnerError):
    """The learner's code raised an exception."""

    def __init__(self, request: AnyRequest, raised: Raised) -> None:
        super().__init__(request, raised.headline)
        self.raised = raised


class LearnerMissing(LearnerError):
    """A module, class, function or method that the contract asks for doesn't exist."""

    def __init__(self, request: AnyRequest, missing: Missing) -> None:
        subject = f"`{missing.name}` in {missing.module}.py" if missing.name else f"{missing.module}.py"
        existing = f"; found: {', '.join(missing.existing)}" if missing.existing else ""
        super().__init__(request, f"there is no {subject}{existing}")
        self.missing = missing


class LearnerMisfit(LearnerError):
    """A check can't use an object of the learner: its parameters are wrong, or a result isn't of the expected type."""


class LearnerStopped(BaseException):
    """The learner's code didn't return in time (`kind` is `timeout`) or ended its process (`crash`).

    Not an `Exception`, because Hypothesis must neither catch nor shrink it: each further try would cost a whole
    deadline.
    """

    def __init__(self, kind: str, request: AnyRequest, message: str, frames: list[Frame]) -> None:
        super().__init__(message)
        self.kind, self.request, self.frames = kind, request, frames


class NotStarted(BaseException):
    """The stub raised its `NotImplementedError`; `module` is the exercise that is still to be written.

    Not an `Exception` either, because there is nothing to shrink.
    """

    def __init__(self, request: AnyRequest, raised: Raised) -> None:
        super().__init__(raised.text)
        self.request = request
        self.module = raised.frames[-1].module


@dataclass(frozen=True)
class ParameterInfo:
    """A parameter of a module: whether it is trainable, and a copy of its value."""

    trainable: bool
    value: torch.Tensor


@dataclass(frozen=True)
class Gradients:
    """The result of a call and its backward pass.

    Attributes:
        output: the result of the call.
        inputs: the gradient of each positional argument, in its shape; None if it got no gradient.
        parameters: the gradient of each parameter, by name, in its shape; None if it got no gradient.
    """

    output: Plain
    inputs: tuple[torch.Tensor | None, ...]
    parameters: dict[str, torch.Tensor | None]


@dataclass(frozen=True)
class Exchange:
    """Requests that were sent together, and their replies, up to and including the first that is not an answer."""

    requests: tuple[AnyRequest, ...]
    replies: tuple[Reply, ...]


@dataclass
class Deadline:
    """The time limits of a learner's code, in seconds.

    They are shorter after a first timeout, so that an endless loop doesn't cost its full time in every check.

    Attributes:
        call: the limit for one call.
        after_timeout: the limit for one call after one has timed out.
        check: the limit for all calls of one check together.
        lost: the seconds that calls have used without returning.
    """

    call: float
    after_timeout: float
    check: float = float("inf")
    lost: float = field(default=0.0, init=False)
    _end: float = field(default=float("inf"), init=False)

    def begin_check(self) -> None:
        """Start the clock of a check."""
        self._end = time.monotonic() + self.check

    def forgive(self, seconds: float) -> None:
        """Give a check these seconds back, because something other than the learner's code used them."""
        self._end += seconds

    def left(self) -> float:
        """Return the seconds for the next call; zero or negative if the check has used up its time."""
        return min(self.after_timeout if self.lost else self.call, self._end - time.monotonic())

    def exhausted(self) -> bool:
        """Say whether calls that didn't return have used twice the limit of one call."""
        return self.lost >= 2 * self.call


class Port:
    """The port to one exercise's module.

    Args:
        transport: how requests reach the learner's objects.
        module: the exercise id, which is the module's name.
        deadline: how long a call may take.
    """

    def __init__(self, transport: Transport, module: str, deadline: Deadline | None = None) -> None:
        self.transport = transport
        self.module = module
        self.deadline = deadline or Deadline(60.0, 60.0)
        self.transcript: list[AnyRequest] = []
        self.exchanges: list[Exchange] = []
        self._queue: list[AnyRequest] = []
        self._last = 0
        self._begun = False

    def over(self, transport: Transport) -> Port:
        """Return a port like this one over another transport; they share their deadline."""
        return Port(transport, self.module, self.deadline)

    def begin(self) -> None:
        """Start a new example: forget kept objects, seed every source of randomness, and empty the transcript."""
        self.transcript.clear()
        self.exchanges.clear()
        self._queue = [Reset(SEED)]
        self._last = 0
        self._begun = True

    def load(self) -> list[Remark]:
        """Import the module; return remarks about what it, or another module that it imports, doesn't get.

        Raises:
            LearnerError: the import raised an exception, or there is no such module.
            LearnerStopped: the import didn't finish, or ended its process.
            NotStarted: the import raised the stub's `NotImplementedError`.
        """
        return from_plain(self._ask(Load(self.module)))

    def build(self, name: str, *args: Plain, **kwargs: Plain) -> Handle:
        """Build an object of the class `name`; arguments are plain data or handles.

        The request waits in the queue, so errors are raised with the next answer.
        """
        return self._make(Build(self.module, name, _refs(args), _refs(kwargs), self._number()))

    def build_from(self, module: str, name: str, *args: Plain, **kwargs: Plain) -> Handle:
        """Build an object of the class `name` of another module, which the exercise needs; otherwise like `build`."""
        return self._make(Build(module, name, _refs(args), _refs(kwargs), self._number()))

    def probe(self, kind: str, **kwargs: Plain) -> Handle:
        """Build one of the probes from `grader.learner.probes` on the far side."""
        return self._make(Probe(kind, _refs(kwargs), self._number()))

    def put(self, value: Plain, *, strided: bool = False) -> Handle:
        """Keep plain data on the far side; `strided` gives tensors and arrays a memory order that is not contiguous."""
        return self._make(Put(copy_plain(value), strided, self._number()))

    def call(self, name: str, *args: Plain, **kwargs: Plain) -> Plain:
        """Call the function `name` of the module, and return its result.

        Raises:
            LearnerError: the function doesn't exist, raised an exception, or a queued request failed.
            LearnerStopped: the call didn't return in time, or ended its process.
            NotStarted: the stub's `NotImplementedError` was raised.
        """
        return self._ask(Call(0, self.module, name, _refs(args), _refs(kwargs), 0))

    def keep(self, name: str, *args: Plain, **kwargs: Plain) -> Handle:
        """Call the function `name` of the module, and keep its result on the far side."""
        return self._make(Call(0, self.module, name, _refs(args), _refs(kwargs), self._number()))

    def printed(self, name: str, *args: Plain, **kwargs: Plain) -> str:
        """Call the function `name` of the module, and return what it printed."""
        return str(self._ask(Call(0, self.module, name, _refs(args), _refs(kwargs), 0, printed=True)))

    def gradients(
        self, name: str, *args: Plain, of: Handle | None = None, upstream: torch.Tensor | None = None, **kwargs: Plain
    ) -> Gradients:
        """Call the function `name`, run the backward pass from `upstream`, and return the gradients.

        Args:
            name: the function.
            args: its positional arguments; those that are floating-point tensors get gradients.
            of: the module whose parameters get gradients, if there is one.
            upstream: the gradient of the output, in its shape; ones by default.
            kwargs: its keyword arguments.

        Raises:
            LearnerMisfit: the answer contains no gradients.
        """
        return self._gradients(0, name, args, kwargs, upstream, 0 if of is None else of.number)

    def watch(self, names: Sequence[str]) -> None:
        """From now on, notice which of these torch functions and modules the learner's code uses."""
        self._queue.append(Watch(list(names)))

    def used(self) -> list[str]:
        """List the names given to `watch` that were used; empty if the far side can no longer answer."""
        return [name for name in self._listed(Used()) if isinstance(name, str)]

    def failures(self) -> list[Raised]:
        """List what failed in free code since `watch`; empty if the far side can no longer answer."""
        return [raised for item in self._listed(Failures()) if (raised := _as_raised(item))]

    def _listed(self, request: AnyRequest) -> list[Plain]:
        """Ask for a list in place of what is queued; it is empty if the far side can't answer with one any more."""
        self._queue = [request]
        try:
            answer = self._send()
        except (LearnerError, LearnerStopped, NotStarted):
            return []
        return answer if isinstance(answer, list) else []

    def flush(self) -> None:
        """Send the queued requests; raise what `call` raises if one of them fails."""
        if self._queue:
            self._send()

    def aside(self, requests: Sequence[AnyRequest]) -> list[Plain] | None:
        """Ask something that the transcript doesn't show; return the answers, or None if there aren't as many."""
        seconds = self.deadline.left()
        if self._queue or seconds <= 0:
            return None
        try:
            replies = self.transport.ask(requests, seconds)
        except FarSideGone:
            return None
        answers = [reply.value for reply in replies if isinstance(reply, Answer)]
        return answers if len(answers) == len(requests) else None

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _make(self, request: Build | Probe | Put | Call) -> Handle:
        self._enqueue(request)
        return Handle(self, request.keep)

    def _enqueue(self, request: AnyRequest) -> None:
        if not self._begun:
            self.begin()
        self._queue.append(request)
        self.transcript.append(request)

    def _ask(self, request: AnyRequest) -> Plain:
        self._enqueue(request)
        return self._send()

    def _gradients(
        self, target: int, name: str, args: tuple[Plain, ...], kwargs: Mapping[str, Plain], upstream: Plain, of: int
    ) -> Gradients:
        request = Backward(target, self.module, name, _refs(args), _refs(dict(kwargs)), copy_plain(upstream), of)
        answer = self._ask(request)
        if not _is_gradients(answer):
            raise LearnerMisfit(request, "the answer contains no gradients")
        return Gradients(answer["output"], tuple(answer["inputs"]), dict(answer["parameters"]))

    def _send(self) -> Plain:
        requests, self._queue = self._queue, []
        seconds = self.deadline.left()
        if seconds <= 0:
            message = f"the check has used up its {self.deadline.check:g} s"
            raise LearnerStopped("timeout", requests[-1], message, [])
        try:
            replies = self.transport.ask(requests, seconds)
        except FarSideGone as gone:
            raise LearnerStopped("crash", requests[-1], str(gone), []) from None
        self.exchanges.append(Exchange(tuple(requests), tuple(replies)))
        reply, request = replies[-1], requests[len(replies) - 1]
        match reply:
            case Answer(value) if len(replies) == len(requests):
                for answered, answer in zip(requests, replies, strict=True):
                    if isinstance(answered, SetParameters) and isinstance(answer, Answer) and answer.value:
                        raise LearnerMisfit(answered, _first_text(answer.value))
                return value
            case Raised():
                self._drop_after(request)
                if _is_the_stubs(reply):
                    raise NotStarted(request, reply)
                error = LearnerRaised(request, reply)
                original = self.transport.original()
                if original is None:
                    raise error
                # With this traceback, a debugger opens in the learner's own frame.
                raise error.with_traceback(original.__traceback__) from original
            case Missing():
                raise LearnerMissing(request, reply)
            case Stopped():
                self._drop_after(request)
                self.deadline.lost += seconds
                raise LearnerStopped("timeout", request, f"no answer after {seconds:.3g} s", reply.frames)
            case _:
                raise LearnerStopped("crash", request, "it sent fewer answers than it was asked questions", [])

    def _drop_after(self, request: AnyRequest) -> None:
        while self.transcript and self.transcript[-1] is not request:
            self.transcript.pop()


class Handle:
    """An object on the far side: a learner's module or tokenizer, one of our probes, or a kept value.

    Methods that return a result raise what `Port.call` raises.
    """

    def __init__(self, port: Port, number: int) -> None:
        self.port = port
        self.number = number

    def __call__(self, *args: Plain, **kwargs: Plain) -> Plain:
        """Call the object itself: a module's forward pass."""
        return self.call("__call__", *args, **kwargs)

    def call(self, method: str, *args: Plain, **kwargs: Plain) -> Plain:
        """Call a method, and return its result as plain data."""
        return self.port._ask(Call(self.number, self.port.module, method, _refs(args), _refs(kwargs), 0))

    def keep(self, method: str, *args: Plain, **kwargs: Plain) -> Handle:
        """Call a method, and keep its result on the far side."""
        number = self.port._number()
        return self.port._make(Call(self.number, self.port.module, method, _refs(args), _refs(kwargs), number))

    def gradients(self, *args: Plain, upstream: torch.Tensor | None = None, **kwargs: Plain) -> Gradients:
        """Run forward, then backward from `upstream` (ones by default); return output and gradients."""
        return self.port._gradients(self.number, "__call__", args, kwargs, upstream, self.number)

    def value(self) -> Plain:
        """Return the object itself as plain data."""
        return self.port._ask(Get(self.number))

    def attribute(self, name: str) -> Plain:
        """Return an attribute of the object as plain data."""
        return self.port._ask(Get(self.number, self.port.module, name))

    def parameters(self) -> dict[str, ParameterInfo]:
        """Return the module's parameters by name.

        Raises:
            LearnerMisfit: the module doesn't list its parameters the way a torch module does.
        """
        request = Parameters(self.number)
        answer = self.port._ask(request)
        parameters = {}
        for row in answer if isinstance(answer, list) else [None]:
            match row:
                case [str(name), bool(trainable), torch.Tensor() as value]:
                    parameters[name] = ParameterInfo(trainable, value)
                case _:
                    raise LearnerMisfit(request, "the module doesn't list its parameters the way a torch module does")
        return parameters

    def set_parameters(self, values: Mapping[str, torch.Tensor]) -> Handle:
        """Copy values into the parameters with these names.

        The request waits in the queue. A name that doesn't exist, or a value with another shape, raises `LearnerMisfit`
        with the next answer.
        """
        self.port._enqueue(SetParameters(self.number, {name: copy_plain(value) for name, value in values.items()}))
        return self

    def train(self) -> Handle:
        """Switch to training mode."""
        return self._configure("train")

    def eval(self) -> Handle:
        """Switch to evaluation mode."""
        return self._configure("eval")

    def double(self) -> Handle:
        """Convert parameters and buffers to float64."""
        return self._configure("float64")

    def _configure(self, setting: str) -> Handle:
        self.port._enqueue(Configure(self.number, setting))
        return self


def _is_the_stubs(raised: Raised) -> bool:
    """Say whether the line that raised an exception is the stub's: torch raises `NotImplementedError` too."""
    line = raised.frames[-1].source.strip() if raised.frames else ""
    return raised.types[:1] == ["NotImplementedError"] and bool(_STUBS_LINE.search(line))


@contextlib.contextmanager
def flushed(port: Port) -> Iterator[None]:
    """Before leaving the block, send everything that was queued in it."""
    yield
    port.flush()


def _refs(value: Any) -> Plain:
    """Replace handles with references, and copy the rest, so that a check can't change a request after making it."""
    if isinstance(value, Handle):
        return Ref(value.number)
    if isinstance(value, tuple):
        return tuple(_refs(item) for item in value)
    if isinstance(value, list):
        return [_refs(item) for item in value]
    if isinstance(value, dict):
        return {key: _refs(item) for key, item in value.items()}
    return copy_plain(value)


def _as_raised(value: Plain) -> Raised | None:
    match value:
        case [str(kind), str(text), str(module), int(line), str(function), str(source)]:
            return Raised([kind], text, [Frame(module, line, function, source)] if module else [])
    return None


def _first_text(value: Plain) -> str:
    match value:
        case [str(text), *_]:
            return text
    return "its parameters can't be set"


def _is_gradients(answer: Plain) -> bool:
    def is_gradient(value: Plain) -> bool:
        return value is None or isinstance(value, (torch.Tensor, Opaque))

    match answer:
        case {"output": _, "inputs": list(inputs), "parameters": dict(parameters)}:
            return all(map(is_gradient, inputs)) and all(map(is_gradient, parameters.values()))
    return False
