"""AdamW: gradient descent in which every number has its own step size, and weights decay on the side.

Not in this exercise: AMSGrad, maximizing, sparse gradients, fused kernels.

Book: chapter 5.2
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class AdamW(torch.optim.Optimizer):
    """The optimizer AdamW. After each `backward`, `step` changes the parameters in place."""

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        """Store the options. torch's `Optimizer` makes `self.param_groups` from them, and an empty `self.state`.

        Args:
            params: the parameters, or groups of them: dicts with `params`, and options that are only for this group.
            lr: the learning rate.
            betas: how much of its past each of the two averages keeps at a step.
            eps: a small number that keeps the division safe if all gradients were 0.
            weight_decay: the share of a weight that it loses at each step, times the learning rate.
        """
        raise NotImplementedError("Put the options into a dict, and hand it to torch's constructor, with the parameters.")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # type: ignore[override]
        """Take one step with the gradients in `.grad`. A parameter whose gradient is None is left alone.

        Args:
            closure: computes the loss and the gradients first, if there is one.

        Returns:
            What the closure returned.
        """
        loss = None if closure is None else closure()
        raise NotImplementedError("Go through the groups and their parameters, without building a graph.")
        return loss
