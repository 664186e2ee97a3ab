"""The far side of the port: it keeps the learner's objects, and answers requests about them with plain data."""

from __future__ import annotations

import contextlib
import dis
import inspect
import io
import itertools
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from grader.learner import probes
from grader.learner.builtins_used import WatchMode
from grader.learner.eager import Eager
from grader.learner.encodings import Encodings
from grader.learner.free_code import FreeCode
from grader.learner.imports import NotThere
from grader.learner.module_level import NoValue
from grader.learner.newer_syntax import newer_syntax
from grader.learner.obstacles import in_words
from grader.learner.process_state import ProcessState
from grader.learner.reach import can_reach
from grader.learner.refusals import REFUSALS, NotAllowedHere
from grader.learner.scratch import Scratch
from grader.learner.slips import slips_in
from grader.learner.suggestions import did_you_mean
from grader.learner.workspace import Workspace
from grader.wire import remarks, slips
from grader.wire.free import EARLIER
from grader.wire.plain import Plain, Ref, copy_plain, to_plain, type_name
from grader.wire.renaming import Renaming, passed
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
    Rename,
    Reply,
    Reset,
    SetParameters,
    Signatures,
    Slips,
    Used,
    Watch,
)
from grader.wire.switches import is_off

MAX_TEXT = 2000
MAX_PRINTED = 20_000
MAX_FRAMES = 4
MAX_ARGUMENTS = 100
MAX_FAILURES = 3
_NOTHING = contextlib.nullcontext()
_EAGER = Eager()
_ENCODINGS = Encodings()
_NOT_NAMED = (object, BaseException, NotAllowedHere, NotThere, NoValue)
"""Classes that a learner doesn't know; the built-in ones below them say enough."""
_UNCHANGED = Renaming()


class Far:
    """Answers requests about the objects of one workspace.

    Args:
        workspace: the learner's modules.
        catch: the exceptions of the learner's code that become replies; all others pass through, such as Ctrl-C.
        apart: whether nobody else uses the values in the requests, for example because they were decoded here. If so,
            the learner's code gets them without a copy.
        scratch: the working folder, if it is only for the learner's code.

    Attributes:
        raised: the exception behind the last reply; None if the learner's code raised none.
    """

    def __init__(
        self,
        workspace: Workspace,
        catch: tuple[type[BaseException], ...] = (Exception, SystemExit),
        apart: bool = False,
        scratch: Scratch | None = None,
    ) -> None:
        self.workspace = workspace
        self.catch = catch
        self.apart = apart
        self.scratch = scratch
        self.raised: BaseException | None = None
        self._process_state = _NOTHING if apart else ProcessState()
        self._kept: dict[int, Any] = {}
        self._renamings: dict[str, Renaming] = {}
        # By the identities of classes that were built (with the class, to keep that identity): the names they have in
        # requests, and the modules.
        self._built_as: dict[int, tuple[Any, str, str]] = {}
        self._keys: dict[str, str] = {}
        self._watch = WatchMode()
        # What failed in free code since the watch began, by line.
        self._failures: dict[tuple[str, int], Plain] = {}
        workspace.free_code = FreeCode(self._kept, self._note)
        # The modules that were looked at since the watch began, and whether the code of any must be watched.
        self._examined: set[str] = set()
        self._watching = False

    def answer(self, requests: Sequence[AnyRequest]) -> list[Reply]:
        """Answer the requests in order, up to and including the first that can't be answered."""
        with warnings.catch_warnings(), self._process_state, REFUSALS, _EAGER, _ENCODINGS:
            # A learner's warning must not become an exception, whatever filters this process has.
            warnings.simplefilter("default")
            return self._answer(requests)

    def _answer(self, requests: Sequence[AnyRequest]) -> list[Reply]:
        replies: list[Reply] = []
        for request in requests:
            self.raised = None
            try:
                replies.append(Answer(self._handlers[type(request)](self, request)))
            except _DoesNotExist as missing:
                replies.append(Missing(missing.module, missing.name, missing.existing))
            except self.catch as error:
                self.raised = error
                replies.append(self._describe(error))
            if not isinstance(replies[-1], Answer):
                break
        return replies

    def _describe(self, error: BaseException) -> Raised:
        text = f"{in_words(error)}{_meant(error)}"
        frames = self.workspace.frames(error.__traceback__)
        if isinstance(error, SyntaxError) and error.filename is not None:
            name = self.workspace.module_name(error.filename)
            if name is not None:
                source = (error.text or "").strip()[:160]
                frames.append(Frame(name, error.lineno or 0, "<module>", source))
                newer = newer_syntax(_text_of(self.workspace.files.get(name)))
                text = f"{error.msg}: {newer.sentence()}" if newer is not None else error.msg
        types = [kind.__name__[:80] for kind in type.mro(type(error)) if kind not in _NOT_NAMED]
        return Raised(types, text[:MAX_TEXT], frames[-MAX_FRAMES:])

    def _module(self, name: str) -> Any:
        self._examine(name)
        try:
            return self.workspace.module(name)
        except KeyError:
            if name in self.workspace.files:
                raise
            raise _DoesNotExist(name, "", sorted(self.workspace.files.keys() - {EARLIER})) from None

    def _named(self, module: str, name: str) -> Any:
        loaded = self._module(module)
        members = vars(loaded)
        name = self._renaming(module).objects.get(name, name)
        if name not in members:
            public = [key for key in members if not key.startswith("_")]
            defined_here = [key for key in public if getattr(members[key], "__module__", "") == loaded.__name__]
            raise _DoesNotExist(module, name, sorted(defined_here)[:40])
        return members[name]

    def _function(self, request: Call | Backward) -> Callable[..., Any]:
        if not request.target:
            return self._named(request.module, request.name)  # type: ignore[no-any-return]
        if request.name == "__call__":
            return self._kept[request.target]  # type: ignore[no-any-return]
        return self._member(request, list_existing=False)  # type: ignore[no-any-return]

    def _member(self, request: Call | Backward | Get, list_existing: bool) -> Any:
        """Return an attribute of a kept object.

        Raises:
            _DoesNotExist: the object has no such attribute; with `list_existing`, the error lists the attributes in the
                object's `__dict__`.
        """
        kept = self._kept[request.target]
        renaming, built = self._renaming_of(kept)
        name = renaming.members.get(built, {}).get(request.name, request.name)
        if not hasattr(kept, name):
            attributes = vars(kept) if list_existing and hasattr(kept, "__dict__") else {}
            existing = sorted(name for name in attributes if isinstance(name, str))
            raise _DoesNotExist(request.module, f"{type(kept).__name__}.{request.name}", existing[:40])
        return getattr(kept, name)

    def _resolve(self, value: Plain) -> Any:
        """Replace references with kept objects, and copy the rest unless the requests are `apart`."""
        kind = type(value)
        if kind is Ref:
            return self._kept[value.number]
        if kind is list:
            return [self._resolve(item) for item in value]
        if kind is tuple:
            return tuple([self._resolve(item) for item in value])
        if kind is dict:
            resolved = {key: self._resolve(item) for key, item in value.items()}
            return WithOtherKeys(resolved, self._keys) if self._keys else resolved
        return value if self.apart else copy_plain(value)

    def _watched(self) -> contextlib.AbstractContextManager[object]:
        """Return the context in which the learner's code runs; our own code runs outside it, at no extra cost."""
        return self._watch if self._watching else _NOTHING

    def _examine(self, module: str) -> None:
        """Watch from now on if a module could call a function that should be noticed."""
        if module not in self._examined:
            self._examined.add(module)
            functions = self._watch.functions
            self._watching = self._watching or bool(functions and self._can_reach(functions, module))

    def _can_reach(self, functions: Sequence[str], module: str) -> bool:
        return is_off("torch_names") or can_reach(functions, module, self.workspace.files)

    def _load(self, request: Load) -> Plain:
        self._examine(request.module)
        if isinstance(self._process_state, ProcessState):
            self._process_state.look_closely()
        with self._watched():
            self._module(request.module)
        if self.scratch is not None:
            self.scratch.keep()
        return remarks.to_plain(self.workspace.remarks)

    def _build(self, request: Build) -> Plain:
        kind = self._named(request.module, request.name)
        args, kwargs = self._arguments(request)
        renaming = self._renaming(request.module)
        with self._watched(), _made_ready([self._named(request.module, name) for name in renaming.unready]):
            self._kept[request.keep] = kind(*args, **kwargs)
        if renaming:
            made = type(self._kept[request.keep])
            self._built_as[id(made)] = (made, request.module, request.name)
        return None

    def _signatures(self, request: Signatures) -> Plain:
        """Describe the module's classes and functions: name, a row for each argument, and the names of members."""
        loaded = self._module(request.module)
        return [
            [name, _arguments_of(member), _members_of(member)]
            for name, member in list(vars(loaded).items())
            if not name.startswith("_") and callable(member) and getattr(member, "__module__", "") == loaded.__name__
        ]

    def _slips(self, request: Slips) -> Plain:
        return slips.to_plain(slips_in(self.workspace.source(request.module).tree))

    def _rename(self, request: Rename) -> Plain:
        self._renamings[request.module] = request.renaming
        self.workspace.repair(request.module, request.renaming.slips)
        self._keys = {key: known for renaming in self._renamings.values() for key, known in renaming.keys.items()}
        return None

    def _renaming(self, module: str) -> Renaming:
        return self._renamings.get(module, _UNCHANGED)

    def _renaming_of(self, kept: Any) -> tuple[Renaming, str]:
        """Return the renaming of a kept object's module, and the name of its class in requests."""
        _, module, name = self._built_as.get(id(type(kept)), (None, "", ""))
        return self._renaming(module), name

    def _arguments(self, request: Build | Call | Backward) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of a request, under the names that the learner's code has for them."""
        args, kwargs = self._resolve(request.args), self._resolve(request.kwargs)
        renaming = self._renaming(request.module)
        if renaming and (isinstance(request, Build) or not request.target):
            return passed(renaming, request.name, args, kwargs)
        return args, kwargs

    def _parameters_of(self, number: int) -> dict[str, torch.nn.Parameter]:
        """Return the parameters of a kept module, under the names that requests use."""
        renaming, built = self._renaming_of(self._kept[number])
        names = {learners: name for name, learners in renaming.parameters.get(built, {}).items()}
        return {names.get(name, name): parameter for name, parameter in self._as_module(number).named_parameters()}

    def _probe(self, request: Probe) -> Plain:
        self._kept[request.keep] = probes.PROBES[request.kind](**self._resolve(request.kwargs))
        return None

    def _put(self, request: Put) -> Plain:
        value = self._resolve(request.value)
        if request.strided and isinstance(value, torch.Tensor | np.ndarray):
            value = _strided(value)
        self._kept[request.keep] = value
        return None

    def _get(self, request: Get) -> Plain:
        if not request.name:
            kept = self._kept[request.target]
            return to_plain(dict(kept) if type(kept) is WithOtherKeys else kept)
        with self._watched():
            value = self._member(request, list_existing=True)
        return to_plain(value)

    def _call(self, request: Call) -> Plain:
        function = self._function(request)
        args, kwargs = self._arguments(request)
        if request.printed:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed), self._watched():
                function(*args, **kwargs)
            return printed.getvalue()[:MAX_PRINTED]
        with self._watched():
            result = function(*args, **kwargs)
        if request.keep:
            self._kept[request.keep] = result
            return None
        return to_plain(result)

    def _backward(self, request: Backward) -> Plain:
        function = self._function(request)
        args, kwargs = self._arguments(request)
        args = tuple([_leaf(value) for value in args])
        model = self._kept.get(request.of)
        parameters = self._parameters_of(request.of) if isinstance(model, torch.nn.Module) else {}
        for parameter in parameters.values():
            parameter.grad = None
        with self._watched():
            output = function(*args, **kwargs)
        # The check reports a wrong shape; without a graph there are no gradients, and that is an answer, too.
        upstream = request.upstream
        if isinstance(output, torch.Tensor) and output.requires_grad:
            if upstream is None:
                upstream = torch.ones_like(output)
            if upstream.shape == output.shape:
                torch.autograd.backward(output, upstream.to(output.dtype))
        gradients = {name: to_plain(parameter.grad) for name, parameter in parameters.items()}
        for parameter in parameters.values():
            parameter.grad = None
        inputs = [to_plain(value.grad) if isinstance(value, torch.Tensor) else None for value in args]
        return {"output": to_plain(output), "inputs": inputs, "parameters": gradients}

    def _parameters(self, request: Parameters) -> Plain:
        return [[name, p.requires_grad, to_plain(p)] for name, p in self._parameters_of(request.target).items()]

    def _set_parameters(self, request: SetParameters) -> Plain:
        """Set every parameter that exists and has the right shape; answer with sentences about the others."""
        parameters = self._parameters_of(request.target)
        # Recorded cases contain these sentences: if you change one, record the cases again.
        problems = []
        with torch.no_grad():
            for name, value in request.values.items():
                if name not in parameters:
                    existing = ", ".join(sorted(parameters)) or "none"
                    problems.append(f"there is no parameter `{name}`; found: {existing}")
                elif parameters[name].shape != value.shape:
                    shape = tuple(parameters[name].shape)
                    problems.append(f"`{name}` has shape {shape}, expected {tuple(value.shape)}")
                else:
                    parameters[name].copy_(value)
        return problems

    def _configure(self, request: Configure) -> Plain:
        module = self._as_module(request.target)
        match request.setting:
            case "train":
                module.train()
            case "eval":
                module.eval()
            case "float64":
                module.double()
            case "float32":
                module.float()
        return None

    def _start_watch(self, request: Watch) -> Plain:
        self._watch = WatchMode(request.names)
        self._examined, self._watching = set(), False
        self._failures.clear()
        return None

    def _used(self, request: Used) -> Plain:
        return self._watch.used()

    def _note(self, error: Exception) -> None:
        """Note what failed in free code, but not that a variable is missing because of it."""
        if self._failures and isinstance(error, UnboundLocalError):
            return
        raised = self._describe(error)
        frame = raised.frames[-1] if raised.frames else Frame("", 0, "", "")
        if len(self._failures) < MAX_FAILURES:
            description = [raised.types[0], raised.text, frame.module, frame.line, frame.function, frame.source]
            self._failures.setdefault((frame.module, frame.line), description)

    def _list_failures(self, request: Failures) -> Plain:
        return list(self._failures.values())

    def _reset(self, request: Reset) -> Plain:
        self._kept.clear()
        self._built_as.clear()
        if self.scratch is not None:
            self.scratch.clear()
        if request.reload:
            self.workspace.forget()
        random.seed(request.seed)
        # Not `torch.manual_seed`, which also queues calls for accelerators, each with a formatted stack.
        torch.default_generator.manual_seed(request.seed)
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        if torch.get_default_device().type != "cpu":
            torch.set_default_device(None)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(request.seed % 2**32)
        return None

    def _as_module(self, number: int) -> torch.nn.Module:
        kept = self._kept[number]
        if not isinstance(kept, torch.nn.Module):
            raise TypeError(f"{type_name(kept)} is not a torch.nn.Module; make it a subclass of nn.Module")
        return kept

    _handlers: ClassVar[dict[type, Callable[[Any, Any], Plain]]] = {
        Load: _load,
        Signatures: _signatures,
        Slips: _slips,
        Rename: _rename,
        Build: _build,
        Probe: _probe,
        Put: _put,
        Get: _get,
        Call: _call,
        Backward: _backward,
        Parameters: _parameters,
        SetParameters: _set_parameters,
        Configure: _configure,
        Watch: _start_watch,
        Used: _used,
        Failures: _list_failures,
        Reset: _reset,
    }


class WithOtherKeys(dict[Any, Any]):
    """A dict that also answers a learner's names of its keys when they are looked up."""

    def __init__(self, items: dict[Any, Any], keys: dict[str, str]) -> None:
        super().__init__(items)
        self._keys = keys

    def __missing__(self, key: Any) -> Any:
        known = self._keys.get(key) if isinstance(key, str) else None
        if known is None or known not in self:
            raise KeyError(key)
        return self[known]


class _DoesNotExist(Exception):
    """A module or a name that the contract asks for doesn't exist; `existing` lists the names that do."""

    def __init__(self, module: str, name: str, existing: list[str]) -> None:
        super().__init__(module, name)
        self.module, self.name, self.existing = module, name, existing


def _members_of(member: Any) -> Plain:
    """List the methods of a class, and the attributes that they set; nothing for a function."""
    if not inspect.isclass(member):
        return []
    of_the_module = [kind for kind in member.__mro__ if kind.__module__ == member.__module__]
    methods = {
        name: method for kind in of_the_module for name, method in vars(kind).items() if inspect.isfunction(method)
    }
    instructions = itertools.chain.from_iterable(dis.get_instructions(method) for method in methods.values())
    attributes = [step.argval for step in instructions if step.opname == "STORE_ATTR"]
    return sorted({name for name in (*methods, *attributes) if not name.startswith("__")})


@contextlib.contextmanager
def _made_ready(kinds: Sequence[Any]) -> Iterator[None]:
    """In the block, have the constructors of these classes start with the one of `nn.Module`."""
    with contextlib.ExitStack() as undo:
        for kind in kinds:
            constructor = kind.__init__

            def construct(self: Any, *args: Any, _constructor: Any = constructor, **kwargs: Any) -> None:
                torch.nn.Module.__init__(self)
                _constructor(self, *args, **kwargs)

            kind.__init__ = construct
            undo.callback(setattr, kind, "__init__", constructor)
        yield


def _arguments_of(member: Callable[..., Any]) -> Plain:
    """List the arguments of a class or function: name, kind, and whether it must be given; None if that isn't known."""
    try:
        arguments = list(itertools.islice(inspect.signature(member).parameters.values(), MAX_ARGUMENTS))
    except (TypeError, ValueError):
        return None
    return [[argument.name, argument.kind.name, argument.default is argument.empty] for argument in arguments]


def _leaf(value: Any) -> Any:
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        return value.detach().requires_grad_()
    return value


def _strided(value: Any) -> Any:
    """Give a tensor or array the memory order of its transpose; with one axis, that of every other element."""
    if isinstance(value, np.ndarray):
        return value.T.copy().T if value.ndim >= 2 else value.repeat(2)[::2]
    if value.dim() >= 2:
        return value.transpose(-1, -2).contiguous().transpose(-1, -2)
    return torch.stack([value, value], dim=-1)[..., 0]


def _meant(error: BaseException) -> str:
    """Return what a learner probably meant; empty if the learner's objects raise when they are asked."""
    try:
        return did_you_mean(error)
    except Exception:
        return ""


def _text_of(path: Path | None) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path is not None else ""
    except OSError:
        return ""
