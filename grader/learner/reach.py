"""Deciding from the text of code whether it could ever call certain torch functions.

Noticing calls while code runs costs as much as the calls themselves if tensors are small. Most code names nothing that
could lead to these functions, and needs no watching. Code that this module doesn't understand counts as reaching
everything: `getattr`, for example, or an import of anything unknown.
"""

from __future__ import annotations

import ast
import functools
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import torch

MAX_SOURCE = 200_000  # bytes; longer code is always watched

_MODULES = ("torch", "torch.nn", "torch.nn.functional", "math")
"""Modules that may be imported as a whole."""

_SINGLE = {
    "__future__": {"annotations"},
    "collections.abc": {"Callable", "Iterable", "Iterator", "Mapping", "Sequence"},
    "dataclasses": {"dataclass", "field"},
    "torch.utils.checkpoint": {"checkpoint"},
    "typing": {"Any", "Callable", "Optional", "Sequence", "Tuple", "Union"},
}
"""Names that may be imported from other modules: nothing that leads to other functions."""

_NAMES = """
nn functional autograd
Function Module ModuleDict ModuleList Parameter Sequential Identity Linear Embedding Dropout
Generator Size Tensor device dtype finfo
bool float16 float32 float64 bfloat16 int32 int64 uint8 e inf nan pi
arange as_tensor empty empty_like eye from_numpy full full_like linspace ones ones_like tensor zeros zeros_like
rand rand_like randint randn randn_like randperm manual_seed multinomial no_grad enable_grad
abs absolute add addcdiv addcmul addmm all allclose any argmax argmin argsort baddbmm bmm clamp clip clone cos
cumsum detach div divide dot einsum eq equal erf exp floor ge gt is_floating_point isclose isfinite isinf isnan
le log log2 log_softmax logical_and logical_not logical_or logsumexp lt masked_fill masked_select matmul max maximum
mean min minimum mm mul multiply ne neg norm numel outer pow prod reciprocal rsqrt select sigmoid sign sin softmax
sort sqrt square std std_mean sub subtract sum tanh topk trace true_divide trunc var var_mean where
broadcast_to cat chunk concat concatenate expand_as flatten flip gather hstack index_select logit movedim moveaxis
narrow permute ravel reshape repeat_interleave roll split squeeze stack swapaxes swapdims t take tile transpose tril
triu unbind unflatten unsqueeze view_as vstack
cross_entropy dropout embedding gelu layer_norm linear nll_loss one_hot pad relu scaled_dot_product_attention silu
GELU LayerNorm ReLU SiLU Sigmoid Softmax Tanh
"""
_HARMLESS = frozenset(_NAMES.split())
"""Torch's functions with these names call none of its other functions; its classes call only those of the same name."""

_INDIRECT = {"breakpoint", "compile", "eval", "exec", "getattr", "globals", "help", "locals", "vars"}
_INDIRECT |= {"__builtins__", "__import__", "__loader__", "__spec__"}
"""Builtins with which code can reach something that its text doesn't name."""


def can_reach(functions: Sequence[str], module: str, files: Mapping[str, Path]) -> bool:
    """Say whether a learner's module, or one of the submission that it imports, could call certain torch functions.

    Args:
        functions: the full names of the functions.
        module: the module.
        files: the file of each module of the submission.
    """
    wanted = {_comparable(name.rpartition(".")[2]) for name in functions}
    waiting, seen = [module], set()
    while waiting:
        current = waiting.pop()
        if current in seen or current not in files:
            continue
        seen.add(current)
        try:
            names = _names_in(files[current].read_bytes())
        except OSError:
            return True
        if names is None or any(_comparable(name) in wanted for name in names.attributes):
            return True
        waiting += names.modules
    return False


@dataclass(frozen=True)
class _Names:
    """The names in a text: attributes of any object, and modules of the submission."""

    attributes: frozenset[str]
    modules: frozenset[str]


@functools.lru_cache(maxsize=64)
def _names_in(source: bytes) -> _Names | None:
    """Return the names in a text; None if they don't show what the text can reach."""
    if len(source) > MAX_SOURCE:
        return None
    try:
        with warnings.catch_warnings():
            # The same warnings come again, with the file's name, when the module is imported.
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    attributes: set[str] = set()
    single: set[str] = set()
    modules: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name):
                attributes.add(name)
            case ast.MatchClass(patterns=[_, *_]):
                # The class decides at run time which attributes positional patterns mean.
                return None
            case ast.MatchClass(kwd_attrs=matched):
                attributes.update(matched)
            case ast.Name(id=name):
                if name in _INDIRECT:
                    return None
            case ast.Import(names=aliases):
                if any(alias.name not in _MODULES for alias in aliases):
                    return None
            case ast.ImportFrom(level=0, module=origin, names=aliases):
                names = {alias.name for alias in aliases}
                if origin in _MODULES and "*" not in names:
                    attributes |= names
                elif names <= _SINGLE.get(origin or "", set()):
                    single |= names
                else:
                    return None
            case ast.ImportFrom(module=origin, names=aliases):
                # A relative import names the submission's own modules, which are examined, too.
                modules.update((origin,) if origin else (alias.name for alias in aliases))
    if not attributes.isdisjoint(_harmful()) or any(_is_special(name) for name in attributes):
        return None
    return _Names(frozenset(attributes | single), frozenset(modules))


@functools.cache
def _harmful() -> frozenset[str]:
    """List the names in torch's modules that may lead to any function."""
    modules: list[ModuleType] = [torch, torch.nn, torch.autograd]
    modules += [torch.functional, torch.nn.functional, torch.autograd.functional]
    return frozenset(name for module in modules for name in dir(module)) - _HARMLESS


def _is_special(name: str) -> bool:
    """Say whether an attribute may lead from any object to any function: special names do, and those of frames."""
    return name.startswith(("__", "f_")) and name != "__init__"


def _comparable(name: str) -> str:
    """Write a name so that `nn.Linear` equals `linear`, which it calls."""
    return name.replace("_", "").lower()
