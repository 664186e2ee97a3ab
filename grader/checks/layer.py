"""How a layer is built and fed: what laws about layers need to know of an exercise."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from grader.checks.draw import weights
from grader.port.port import Handle, Port

FLOAT64 = torch.float64
Size: TypeAlias = Mapping[str, Any]
"""What a layer and its input are like in one example, by name: `{"batch": 2, "emb_dim": 3}`."""


def keep_all(module: Handle, parameters: Mapping[str, torch.Tensor]) -> Mapping[str, torch.Tensor]:
    """Return parameters as they are."""
    return parameters


@dataclass(frozen=True)
class Layer:
    """A class whose objects turn a tensor into a tensor, as laws see it.

    Each function gets a size: a value for every name in `sizes`.

    Attributes:
        build: builds the layer behind a port, in float32. If the layer drops anything in training mode, call `.eval()`.
        sizes: for each name a strategy that draws its value, or the value itself.
        inputs: draws an input of float64 numbers with a seed.
        shapes: the parameters' names and shapes.
        output: the output's shape; the input's if None.
        dims: names of the output's dimensions, for messages.
        changing: the sizes that may be different from one call to the next.
        random_start: whether parameters start at random. If so, every law sets them to values of its own, so that a
            message shows the numbers that it is about; if not, only laws that are about other values set them.
        spread: the standard deviation of parameters that are drawn.
        fit: chooses, among parameters that are to be set, those that a module can be given; all by default.
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

    def of(self, **sizes: Any) -> Layer:
        """Return the same layer with other values or strategies for some sizes.

        Raises:
            ValueError: the layer has no such size.
        """
        unknown = sizes.keys() - self.sizes.keys()
        if unknown:
            raise ValueError(f"this layer has no size `{min(unknown)}`; it has {', '.join(self.sizes)}")
        return dataclasses.replace(self, sizes={**self.sizes, **sizes})

    def draw(self, names: Sequence[str] | None = None) -> Any:
        """Return a strategy that draws a size, or the size itself if nothing in it is drawn.

        Args:
            names: draw only these.
        """
        chosen = {name: self.sizes[name] for name in (self.sizes if names is None else names)}
        if not any(isinstance(value, SearchStrategy) for value in chosen.values()):
            return chosen
        return st.fixed_dictionaries(
            {name: value if isinstance(value, SearchStrategy) else st.just(value) for name, value in chosen.items()}
        )

    def parameters(self, size: Size, seed: int) -> dict[str, torch.Tensor]:
        """Draw values for all parameters, float64."""
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
            port: behind which it is built.
            size: its size.
            parameters: the values to set; those that it starts with if None.
            dtype: float64, or float32 as it comes.
        """
        module = self.build(port, size)
        if dtype is FLOAT64:
            module = module.double()
        return module if parameters is None else module.set_parameters(self.fit(module, parameters))

    def started(self, port: Port, size: Size, seed: int, dtype: torch.dtype = FLOAT64) -> Handle:
        """Build a layer for a law that holds whatever the parameters are."""
        return self.built(port, size, self.parameters(size, seed) if self.random_start else None, dtype)

    def output_shape(self, size: Size, x: torch.Tensor) -> tuple[int, ...]:
        """Return the shape of the output for an input `x`."""
        return tuple(x.shape if self.output is None else self.output(size))

    def dims_of(self, x: torch.Tensor) -> Sequence[str]:
        """Return the names of a tensor's dimensions: the last ones, if it has fewer than the output."""
        return self.dims[len(self.dims) - x.dim() :] if x.dim() <= len(self.dims) else ()
