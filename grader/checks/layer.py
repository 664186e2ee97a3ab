"""How to build a layer and what to feed it: all that laws about layers need to know about an exercise."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from grader.checks.draw import weights
from grader.checks.law import Drawn
from grader.port.port import Handle, Port
from grader.tolerance import FLOAT32, Tolerance

FLOAT64 = torch.float64
Size: TypeAlias = Mapping[str, Any]
"""The settings of a layer and its input in one example, by name: `{"batch": 2, "emb_dim": 3}`."""


def keep_all(module: Handle, parameters: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    """Return the parameters unchanged."""
    return parameters


def usual(x: torch.Tensor, gradient: bool) -> Tolerance:
    """Return the usual limit for float32."""
    return FLOAT32


@dataclass(frozen=True)
class Layer:
    """A class whose objects turn a tensor into a tensor, described for laws.

    Each function gets a size: a value for every name in `sizes`.

    Attributes:
        build: builds the layer behind a port, in float32. If the layer drops anything in training mode, call `.eval()`.
        sizes: for each name, a strategy that draws its value, or the value itself.
        inputs: draws an input of float64 numbers from a seed.
        shapes: the parameters' shapes by name.
        output: the output's shape; if None, it is the input's.
        dims: names of the output's dimensions, for messages.
        changing: the sizes that may differ from one call to the next.
        random_start: whether parameters start at random. If so, every law sets them to its own values, so that a
            message shows the numbers that it is about. If not, only laws that are about other values set them.
        spread: the standard deviation of drawn parameters.
        fit: adapts the parameters to set to what a module can take; by default it keeps them all.
        limit: the most that an output (or, if asked, a gradient) may be off if the learner's code computes parts of it
            in float32; for layers that divide by something small.
    """

    build: Callable[[Port, Size], Handle]
    sizes: Mapping[str, Any]
    inputs: Callable[[Size, int], torch.Tensor]
    shapes: Callable[[Size], Mapping[str, Sequence[int]]]
    output: Callable[[Size], Sequence[int]] | None = None
    dims: Sequence[str] = ()
    changing: Sequence[str] = ()
    random_start: bool = False
    spread: float = 0.5
    fit: Callable[[Handle, Mapping[str, torch.Tensor]], Mapping[str, torch.Tensor]] = keep_all
    limit: Callable[[torch.Tensor, bool], Tolerance] = usual

    def of(self, **sizes: Any) -> Layer:
        """Return the same layer with other values or strategies for some sizes.

        Raises:
            ValueError: the layer has no such size.
        """
        unknown = sizes.keys() - self.sizes.keys()
        if unknown:
            raise ValueError(f"this layer has no size `{min(unknown)}`; it has {', '.join(self.sizes)}")
        return dataclasses.replace(self, sizes={**self.sizes, **sizes})

    def draw(self, names: Sequence[str] | None = None) -> Drawn | Size:
        """Return what draws a size, or the size itself if nothing in it is drawn.

        Args:
            names: draw only these; all if None.
        """
        chosen = {name: self.sizes[name] for name in (self.sizes if names is None else names)}
        strategies = {name: value for name, value in chosen.items() if isinstance(value, SearchStrategy)}
        constants = {name: value for name, value in chosen.items() if name not in strategies}
        return Drawn(st.fixed_dictionaries(strategies), constants) if strategies else constants

    def parameters(self, size: Size, seed: int) -> dict[str, torch.Tensor]:
        """Draw float64 values for all parameters, by name."""
        return weights(self.shapes(size), seed, scale=self.spread)

    def built(
        self,
        port: Port,
        size: Size,
        parameters: Mapping[str, torch.Tensor] | None = None,
        dtype: torch.dtype = FLOAT64,
    ) -> Handle:
        """Build a layer.

        Args:
            port: where to build it.
            size: its size.
            parameters: the values to set; if None, it keeps those that it starts with.
            dtype: float64, or float32 for the layer as it is built.
        """
        module = self.build(port, size)
        if dtype is FLOAT64:
            module = module.double()
        return module if parameters is None else module.set_parameters(self.fit(module, parameters))

    def started(self, port: Port, size: Size, seed: int, dtype: torch.dtype = FLOAT64) -> Handle:
        """Build a layer for a law that applies whatever the parameters are."""
        return self.built(port, size, self.parameters(size, seed) if self.random_start else None, dtype)

    def output_shape(self, size: Size, x: torch.Tensor) -> tuple[int, ...]:
        """Return the output's shape for an input `x`."""
        return tuple(x.shape if self.output is None else self.output(size))

    def dims_of(self, x: torch.Tensor) -> Sequence[str]:
        """Return the names of a tensor's dimensions: the last ones if it has fewer than the output."""
        return self.dims[len(self.dims) - x.dim() :] if x.dim() <= len(self.dims) else ()
