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
        ### BEGIN SOLUTION: Put the options into a dict, and hand it to torch's constructor, with the parameters.
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, defaults)
        ### END SOLUTION

    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # type: ignore[override]
        """Take one step with the gradients in `.grad`. A parameter whose gradient is None is left alone.

        Args:
            closure: computes the loss and the gradients first, if there is one.

        Returns:
            What the closure returned.
        """
        loss = None if closure is None else closure()
        ### BEGIN SOLUTION: Go through the groups and their parameters, without building a graph.
        with torch.no_grad():
            for group in self.param_groups:
                lr, (beta1, beta2) = group["lr"], group["betas"]
                for parameter in group["params"]:
                    gradient = parameter.grad
                    if gradient is None:
                        continue

                    state = self.state[parameter]
                    if not state:  # the first step of this parameter
                        state["step"] = 0
                        state["mean"] = torch.zeros_like(parameter)
                        state["square"] = torch.zeros_like(parameter)
                    state["step"] += 1
                    state["mean"] = beta1 * state["mean"] + (1 - beta1) * gradient
                    state["square"] = beta2 * state["square"] + (1 - beta2) * gradient**2

                    mean = state["mean"] / (1 - beta1 ** state["step"])
                    square = state["square"] / (1 - beta2 ** state["step"])
                    parameter -= lr * group["weight_decay"] * parameter
                    parameter -= lr * mean / (square.sqrt() + group["eps"])
        ### END SOLUTION
        return loss
