"""Moves one number at a time, in plain Python, and keeps the averages in tensors."""

import torch


def moved(number, gradient, mean, square, step, lr, betas, eps, weight_decay, **_):
    mean = betas[0] * mean + (1 - betas[0]) * gradient
    square = betas[1] * square + (1 - betas[1]) * gradient**2
    length = mean / (1 - betas[0] ** step) / ((square / (1 - betas[1] ** step)) ** 0.5 + eps)
    return number * (1 - lr * weight_decay) - lr * length, mean, square


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                zeros = torch.zeros_like(parameter.detach())
                state["step"] = state.get("step", 0) + 1
                old = [parameter.detach(), parameter.grad, state.get("mean", zeros), state.get("square", zeros)]
                rows = zip(*(tensor.flatten().tolist() for tensor in old))
                new = zip(*(moved(*row, state["step"], **group) for row in rows))
                numbers, state["mean"], state["square"] = (
                    torch.tensor(part, dtype=zeros.dtype).view_as(zeros) for part in new
                )
                with torch.no_grad():
                    parameter.copy_(numbers)
