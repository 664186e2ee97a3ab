"""The near side of the port: what a check holds in its hands.

Requests that need no answer (building, setting parameters, switching modes) wait in a queue and travel with the
next one that does, so that most checks ask one question per example. Everything asked is written down, and so a
failing example can be shown as the few lines of Python that reproduce it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from grader.port.transport import Transport
from grader.wire.connection import FarSideGone
from grader.wire.plain import Opaque, Plain, Ref, copy_plain
from grader.wire.requests import (
    Answer,
    AnyRequest,
    Backward,
    Build,
    Call,
    Configure,
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


class LearnerError(Exception):
    """The learner's code did not do what was asked of it; `request` is what was asked."""

    def __init__(self, request: AnyRequest, message: str) -> None:
        super().__init__(message)
        self.request = request


class LearnerRaised(LearnerError):
    """The learner's code raised an exception."""

    def __init__(self, request: AnyRequest, raised: Raised) -> None:
        super().__init__(request, f"{raised.types[0]}: {raised.text}" if raised.text else raised.types[0])
        self.raised = raised


class LearnerMissing(LearnerError):
    """A module, class, function or method that the contract asks for is not there."""

    def __init__(self, request: AnyRequest, missing: Missing) -> None:
        what = f"`{missing.name}` in {missing.module}.py" if missing.name else f"{missing.module}.py"
        found = f"; found: {', '.join(missing.found)}" if missing.found else ""
        super().__init__(request, f"there is no {what}{found}")
        self.missing = missing


class LearnerMisfit(LearnerError):
    """What the learner's code gave back cannot be worked with: wrong parameters, or not the type that is due."""


class LearnerStopped(BaseException):
    """The learner's code did not come back (`timeout`) or took its process with it (`crash`).

    Not an `Exception`: Hypothesis must neither catch nor shrink it, since each further try costs a deadline.
    """

    def __init__(self, kind: str, request: AnyRequest, message: str, frames: list[Frame]) -> None:
        super().__init__(message)
        self.kind, self.request, self.frames = kind, request, frames


class NotStarted(BaseException):
    """The stub's `NotImplementedError`: `module` is the exercise whose turn it still is. Nothing to shrink either."""

    def __init__(self, request: AnyRequest, raised: Raised) -> None:
        super().__init__(raised.text)
        self.request = request
        self.module = raised.frames[-1].module


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter of a module: whether it is trainable, and a copy of its value."""

    trainable: bool
    value: torch.Tensor


@dataclass(frozen=True)
class Gradients:
    """What came of a call and its backward pass; None where no gradient arrived."""

    output: Plain
    inputs: tuple[torch.Tensor | None, ...]
    parameters: dict[str, torch.Tensor | None]


@dataclass(frozen=True)
class Exchange:
    """Requests that went together, and the replies to them, up to the first that is not an answer."""

    requests: tuple[AnyRequest, ...]
    replies: tuple[Reply, ...]


@dataclass
class Deadline:
    """Seconds that one call, and all calls of one check, may take; fewer once a call has used all of its own.

    So an endless loop is not paid for in full at every check.
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
        """Have a check last so much longer: something else than the learner's code has taken the time."""
        self._end += seconds

    def left(self) -> float:
        """Return the seconds for the next call; none or fewer where the check has used its time."""
        return min(self.after_timeout if self.lost else self.call, self._end - time.monotonic())

    def exhausted(self) -> bool:
        """Say whether calls that did not come back have cost twice the time of one."""
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
        """Start a new example: nothing kept, every source of randomness seeded, an empty transcript."""
        self.transcript.clear()
        self.exchanges.clear()
        self._queue = [Reset(SEED)]
        self._last = 0
        self._begun = True

    def load(self) -> None:
        """Import the module, and raise as every other call does if that fails."""
        self._ask(Load(self.module))

    def build(self, name: str, *args: Plain, **kwargs: Plain) -> Handle:
        """Build an object of the class `name`; arguments are plain data or handles."""
        return self._make(Build(self.module, name, _refs(args), _refs(kwargs), self._number()))

    def probe(self, kind: str, **kwargs: Plain) -> Handle:
        """Build one of the probes of `grader.learner.probes` beside the learner's code."""
        return self._make(Probe(kind, _refs(kwargs), self._number()))

    def put(self, value: Plain, *, strided: bool = False) -> Handle:
        """Keep plain data on the far side; `strided` gives tensors and arrays an order that is not contiguous."""
        return self._make(Put(copy_plain(value), strided, self._number()))

    def call(self, name: str, *args: Plain, **kwargs: Plain) -> Plain:
        """Call the function `name` of the module."""
        return self._ask(Call(0, self.module, name, _refs(args), _refs(kwargs), 0))

    def keep(self, name: str, *args: Plain, **kwargs: Plain) -> Handle:
        """Call the function `name` of the module, and keep its result on the far side."""
        return self._make(Call(0, self.module, name, _refs(args), _refs(kwargs), self._number()))

    def printed(self, name: str, *args: Plain, **kwargs: Plain) -> str:
        """Call the function `name` of the module, and return what it printed."""
        return str(self._ask(Call(0, self.module, name, _refs(args), _refs(kwargs), 0, printed=True)))

    def gradients(
        self, name: str, *args: Plain, of: Handle, upstream: torch.Tensor | None = None, **kwargs: Plain
    ) -> Gradients:
        """Call the function `name`, send `upstream` (ones by default) backwards; return the gradients of `of`."""
        return self._gradients(0, name, args, kwargs, upstream, of.number)

    def watch(self, names: Sequence[str]) -> None:
        """Notice from now on which of torch's functions, and of other modules, the learner's code uses."""
        self._queue.append(Watch(list(names)))

    def used(self) -> list[str]:
        """List the names given to `watch` that were used; none where nothing can be asked any more."""
        self._queue = [Used()]
        try:
            answer = self._send()
        except (LearnerError, LearnerStopped, NotStarted):
            return []
        return [name for name in answer if isinstance(name, str)] if isinstance(answer, list) else []

    def flush(self) -> None:
        """Send what waits in the queue, and raise if any of it failed."""
        if self._queue:
            self._send()

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
            raise LearnerMisfit(request, "the answer does not hold gradients")
        return Gradients(answer["output"], tuple(answer["inputs"]), dict(answer["parameters"]))

    def _send(self) -> Plain:
        requests, self._queue = self._queue, []
        seconds = self.deadline.left()
        if seconds <= 0:
            raise LearnerStopped("timeout", requests[-1], f"this check has used its {self.deadline.check:g} s", [])
        try:
            replies = self.transport.ask(requests, seconds)
        except FarSideGone as gone:
            raise LearnerStopped("crash", requests[-1], str(gone), []) from None
        self.exchanges.append(Exchange(tuple(requests), tuple(replies)))
        reply, request = replies[-1], requests[len(replies) - 1]
        match reply:
            case Answer(value) if len(replies) == len(requests):
                for done, earlier in zip(requests, replies, strict=True):
                    if isinstance(done, SetParameters) and isinstance(earlier, Answer) and earlier.value:
                        raise LearnerMisfit(done, _first_text(earlier.value))
                return value
            case Raised():
                self._drop_after(request)
                if reply.types[:1] == ["NotImplementedError"] and reply.frames:
                    raise NotStarted(request, reply)
                error = LearnerRaised(request, reply)
                original = self.transport.original()
                if original is None:
                    raise error
                # The debugger's last frame is then the learner's own.
                raise error.with_traceback(original.__traceback__) from original
            case Missing():
                raise LearnerMissing(request, reply)
            case Stopped():
                self._drop_after(request)
                self.deadline.lost += seconds
                raise LearnerStopped("timeout", request, f"no answer after {seconds:.3g} s", reply.frames)
            case _:
                raise LearnerStopped("crash", request, "it answered fewer questions than were asked", [])

    def _drop_after(self, request: AnyRequest) -> None:
        while self.transcript and self.transcript[-1] is not request:
            self.transcript.pop()


class Handle:
    """An object on the far side: a learner's module or tokenizer, one of our probes, or a kept value."""

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
        """Run forward, send `upstream` (ones by default) backwards, and return output and gradients."""
        return self.port._gradients(self.number, "__call__", args, kwargs, upstream, self.number)

    def value(self) -> Plain:
        """Return the kept value itself as plain data."""
        return self.port._ask(Get(self.number))

    def attribute(self, name: str) -> Plain:
        """Return an attribute of the object as plain data."""
        return self.port._ask(Get(self.number, self.port.module, name))

    def parameters(self) -> dict[str, ParameterInfo]:
        """Return the module's parameters by name."""
        request = Parameters(self.number)
        answer = self.port._ask(request)
        found = {}
        for row in answer if isinstance(answer, list) else [None]:
            match row:
                case [str(name), bool(trainable), torch.Tensor() as value]:
                    found[name] = ParameterInfo(trainable, value)
                case _:
                    raise LearnerMisfit(request, "the module does not list its parameters as a torch module does")
        return found

    def set_parameters(self, values: Mapping[str, torch.Tensor]) -> Handle:
        """Copy values into the parameters named; the check keeps its own copies."""
        self.port._enqueue(SetParameters(self.number, {name: copy_plain(value) for name, value in values.items()}))
        return self

    def train(self) -> Handle:
        """Switch to training mode."""
        return self._configure("train")

    def eval(self) -> Handle:
        """Switch to evaluation mode."""
        return self._configure("eval")

    def double(self) -> Handle:
        """Turn parameters and buffers into float64."""
        return self._configure("float64")

    def _configure(self, setting: str) -> Handle:
        self.port._enqueue(Configure(self.number, setting))
        return self


@contextlib.contextmanager
def flushed(port: Port) -> Iterator[None]:
    """Send everything that was queued inside the block before leaving it."""
    yield
    port.flush()


def _refs(value: Any) -> Plain:
    """Replace handles by references, and copy the rest: what travels is not what the check keeps."""
    if isinstance(value, Handle):
        return Ref(value.number)
    if isinstance(value, tuple):
        return tuple(_refs(item) for item in value)
    if isinstance(value, list):
        return [_refs(item) for item in value]
    if isinstance(value, dict):
        return {key: _refs(item) for key, item in value.items()}
    return copy_plain(value)


def _first_text(value: Plain) -> str:
    match value:
        case [str(text), *_]:
            return text
    return "its parameters cannot be set"


def _is_gradients(answer: Plain) -> bool:
    def is_gradient(value: Plain) -> bool:
        return value is None or isinstance(value, (torch.Tensor, Opaque))

    match answer:
        case {"output": _, "inputs": list(inputs), "parameters": dict(parameters)}:
            return all(map(is_gradient, inputs)) and all(map(is_gradient, parameters.values()))
    return False
