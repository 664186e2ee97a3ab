"""The far side of the port: it keeps the learner's objects, and answers requests about them with plain data."""

from __future__ import annotations

import contextlib
import io
import random
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import torch

from grader.learner import probes
from grader.learner.builtins_used import WatchMode
from grader.learner.free_code import FreeCode
from grader.learner.reach import can_reach
from grader.learner.workspace import Workspace
from grader.wire.plain import Plain, Ref, copy_plain, to_plain, type_name
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
    Used,
    Watch,
)
from grader.wire.switches import is_off

MAX_TEXT = 2000
MAX_PRINTED = 20_000
MAX_FRAMES = 4
MAX_FAILURES = 3
_UNWATCHED = contextlib.nullcontext()


class Far:
    """Answers requests about the objects of one workspace.

    Args:
        workspace: the learner's modules.
        catch: the exceptions of the learner's code that become replies; all others pass through, such as Ctrl-C.
        apart: whether nobody else uses the values in the requests, for example because they were decoded here. If so,
            the learner's code gets them without a copy.

    Attributes:
        raised: the exception behind the last reply; None if the learner's code raised none.
    """

    def __init__(
        self,
        workspace: Workspace,
        catch: tuple[type[BaseException], ...] = (Exception, SystemExit),
        apart: bool = False,
    ) -> None:
        self.workspace = workspace
        self.catch = catch
        self.apart = apart
        self.raised: BaseException | None = None
        self._kept: dict[int, Any] = {}
        self._watch = WatchMode()
        # What failed in free code since the watch began, by line.
        self._failures: dict[tuple[str, int], Plain] = {}
        workspace.free_code = FreeCode(self._kept, self._note)
        # The modules that were looked at since the watch began, and whether the code of any must be watched.
        self._examined: set[str] = set()
        self._watching = False

    def answer(self, requests: Sequence[AnyRequest]) -> list[Reply]:
        """Answer the requests in order, up to and including the first that can't be answered."""
        with warnings.catch_warnings():
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
        try:
            text = str(error)
        except Exception:
            text = ""
        frames = self.workspace.frames(error.__traceback__)
        if isinstance(error, SyntaxError) and error.filename is not None:
            name = self.workspace.module_name(error.filename)
            if name is not None:
                source = (error.text or "").strip()[:160]
                frames.append(Frame(name, error.lineno or 0, "<module>", source))
                text = error.msg
        types = [kind.__name__[:80] for kind in type.mro(type(error)) if kind not in (object, BaseException)]
        return Raised(types, text[:MAX_TEXT], frames[-MAX_FRAMES:])

    def _module(self, name: str) -> Any:
        self._examine(name)
        try:
            return self.workspace.module(name)
        except KeyError:
            if name in self.workspace.files:
                raise
            raise _DoesNotExist(name, "", sorted(self.workspace.files)) from None

    def _named(self, module: str, name: str) -> Any:
        loaded = self._module(module)
        members = vars(loaded)
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
        if not hasattr(kept, request.name):
            attributes = vars(kept) if list_existing and hasattr(kept, "__dict__") else {}
            existing = sorted(name for name in attributes if isinstance(name, str))
            raise _DoesNotExist(request.module, f"{type(kept).__name__}.{request.name}", existing[:40])
        return getattr(kept, request.name)

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
            return {key: self._resolve(item) for key, item in value.items()}
        return value if self.apart else copy_plain(value)

    def _watched(self) -> contextlib.AbstractContextManager[object]:
        """Return the context in which the learner's code runs; our own code runs outside it, at no extra cost."""
        return self._watch if self._watching else _UNWATCHED

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
        with self._watched():
            self._module(request.module)
        return None

    def _build(self, request: Build) -> Plain:
        kind = self._named(request.module, request.name)
        args, kwargs = self._resolve(request.args), self._resolve(request.kwargs)
        with self._watched():
            self._kept[request.keep] = kind(*args, **kwargs)
        return None

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
            return to_plain(self._kept[request.target])
        with self._watched():
            value = self._member(request, list_existing=True)
        return to_plain(value)

    def _call(self, request: Call) -> Plain:
        function = self._function(request)
        args, kwargs = self._resolve(request.args), self._resolve(request.kwargs)
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
        args, kwargs = self._resolve(request.args), self._resolve(request.kwargs)
        args = [_leaf(value) for value in args]
        model = self._kept.get(request.of)
        parameters = dict(model.named_parameters()) if isinstance(model, torch.nn.Module) else {}
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
        module = self._as_module(request.target)
        return [[name, p.requires_grad, to_plain(p)] for name, p in module.named_parameters()]

    def _set_parameters(self, request: SetParameters) -> Plain:
        """Set every parameter that exists and has the right shape; answer with sentences about the others."""
        parameters = dict(self._as_module(request.target).named_parameters())
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
        if request.reload:
            self.workspace.forget()
        random.seed(request.seed)
        # Not `torch.manual_seed`, which also queues calls for accelerators, each with a formatted stack.
        torch.default_generator.manual_seed(request.seed)
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
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


class _DoesNotExist(Exception):
    """A module or a name that the contract asks for doesn't exist; `existing` lists the names that do."""

    def __init__(self, module: str, name: str, existing: list[str]) -> None:
        super().__init__(module, name)
        self.module, self.name, self.existing = module, name, existing


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
