"""Moves all parameters of a group that have counted the same steps together, with torch's functions for lists."""

from collections import defaultdict

import torch


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            by_step = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    state = self.state[parameter]
                    state["step"] = state.get("step", 0) + 1
                    state.setdefault("mean", torch.zeros_like(parameter))
                    state.setdefault("square", torch.zeros_like(parameter))
                    by_step[state["step"], parameter.dtype].append(parameter)
            for (count, _), parameters in by_step.items():
                self._move(parameters, count, **group)

    def _move(self, parameters, count, lr, betas, eps, weight_decay, **_):
        beta1, beta2 = betas
        gradients = [parameter.grad for parameter in parameters]
        means = [self.state[parameter]["mean"] for parameter in parameters]
        squares = [self.state[parameter]["square"] for parameter in parameters]
        torch._foreach_mul_(parameters, 1 - lr * weight_decay)
        torch._foreach_lerp_(means, gradients, 1 - beta1)
        torch._foreach_mul_(squares, beta2)
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - beta2)
        divisors = torch._foreach_sqrt(torch._foreach_div(squares, 1 - beta2**count))
        torch._foreach_add_(divisors, eps)
        torch._foreach_addcdiv_(parameters, means, divisors, -lr / (1 - beta1**count))
