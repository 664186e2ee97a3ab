"""What code can reach, told from its text: whether it could come to call certain functions of torch at all.

To notice calls while code runs costs as much as the calls themselves, where tensors are small. Most code names nothing
that could lead to the functions in question, and needs no watching. What is not understood here counts as reaching
everything: a function by name, a class of torch that may use it, `getattr`, an import of anything else.
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

MAX_SOURCE = 200_000  # bytes; who writes more is watched

_MODULES = ("torch", "torch.nn", "torch.nn.functional", "math")
"""What may be imported whole."""

_SINGLE = {
    "__future__": {"annotations"},
    "collections.abc": {"Callable", "Iterable", "Iterator", "Mapping", "Sequence"},
    "dataclasses": {"dataclass", "field"},
    "torch.utils.checkpoint": {"checkpoint"},
    "typing": {"Any", "Callable", "Optional", "Sequence", "Tuple", "Union"},
}
"""What may be imported from elsewhere: nothing from which one gets any further."""

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
"""What torch has under these names calls no other of its functions; its classes those of their own names at most."""

_WAYS_ROUND = {"breakpoint", "compile", "eval", "exec", "getattr", "globals", "help", "locals", "vars"}
_WAYS_ROUND |= {"__builtins__", "__import__", "__loader__", "__spec__"}
"""Builtins by which code gets at something that its text does not name."""


def can_reach(functions: Sequence[str], module: str, files: Mapping[str, Path]) -> bool:
    """Say whether a learner's module could come to call some of torch's functions.

    Args:
        functions: their full names.
        module: the module, to which the others belong that it imports.
        files: the file of each module.
    """
    near = {_plain(name.rpartition(".")[2]) for name in functions}
    waiting, seen = [module], set()
    while waiting:
        one = waiting.pop()
        if one in seen or one not in files:
            continue
        seen.add(one)
        try:
            found = _names_in(files[one].read_bytes())
        except OSError:
            return True
        if found is None or any(_plain(name) in near for name in found.attributes):
            return True
        waiting += found.modules
    return False


@dataclass(frozen=True)
class _Names:
    """What a text names: attributes of anything, and modules beside it."""

    attributes: frozenset[str]
    modules: frozenset[str]


@functools.lru_cache(maxsize=64)
def _names_in(source: bytes) -> _Names | None:
    """Return the names in a text; None where these do not say what it can reach."""
    if len(source) > MAX_SOURCE:
        return None
    try:
        with warnings.catch_warnings():
            # They come once more, and with the file's name, when it is imported.
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
                # What these stand for, the class says while it runs.
                return None
            case ast.MatchClass(kwd_attrs=matched):
                attributes.update(matched)
            case ast.Name(id=name):
                if name in _WAYS_ROUND:
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
                # Of the submission's own modules, which are looked through too.
                modules.update((origin,) if origin else (alias.name for alias in aliases))
    if not attributes.isdisjoint(_leading_on()) or any(_is_special(name) for name in attributes):
        return None
    return _Names(frozenset(attributes | single), frozenset(modules))


@functools.cache
def _leading_on() -> frozenset[str]:
    """List the names under which torch's modules hold something that may lead on to anything."""
    modules: list[ModuleType] = [torch, torch.nn, torch.autograd]
    modules += [torch.functional, torch.nn.functional, torch.autograd.functional]
    return frozenset(name for module in modules for name in dir(module)) - _HARMLESS


def _is_special(name: str) -> bool:
    """Say whether an attribute leads on from anything: a special one does, and a frame's names."""
    return name.startswith(("__", "f_")) and name != "__init__"


def _plain(name: str) -> str:
    """Write a name so that `nn.Linear` is near `linear`, which it calls."""
    return name.replace("_", "").lower()
