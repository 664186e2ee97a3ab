"""Keeps the averages in float32, whatever the parameters are."""

import torch


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        self.names = ("lr", "betas", "eps", "weight_decay")
        super().__init__(params, dict(zip(self.names, (lr, betas, eps, weight_decay))))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            lr, betas, eps, weight_decay = (group[name] for name in self.names)
            beta1, beta2 = betas
            for parameter in filter(lambda parameter: parameter.grad is not None, group["params"]):
                state, gradient = self.state[parameter], parameter.grad.float()
                step = state["step"] = state.get("step", 0) + 1
                mean = state["mean"] = torch.lerp(state.get("mean", 0 * gradient).float(), gradient, 1 - beta1)
                square = state["square"] = (
                    beta2 * state.get("square", 0 * gradient).float() + (1 - beta2) * gradient.square()
                )
                direction = mean / (1 - beta1**step) / ((square / (1 - beta2**step)) ** 0.5 + eps)
                parameter.copy_(parameter * (1 - lr * weight_decay) - lr * direction.to(parameter.dtype))
