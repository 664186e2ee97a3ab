import torch
from torch.optim import Optimizer


class Slots:
    """What the optimizer remembers of one parameter."""

    def __init__(self, values, like):
        self.values = values
        if "iterations" not in values:
            values["iterations"] = 0
            values["momentum"] = torch.zeros_like(like, requires_grad=False)
            values["velocity"] = torch.zeros_like(like, requires_grad=False)

    def advance(self, gradient, beta_1, beta_2):
        self.values["iterations"] += 1
        self.values["momentum"].add_(gradient - self.values["momentum"], alpha=1 - beta_1)
        self.values["velocity"].add_(gradient.square() - self.values["velocity"], alpha=1 - beta_2)

    def corrected(self, beta_1, beta_2):
        t = self.values["iterations"]
        m = self.values["momentum"] / (1 - beta_1 ** t)
        v = self.values["velocity"] / (1 - beta_2 ** t)
        return m, v


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        Optimizer.__init__(self, params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            trainable = [w for w in group["params"] if w.grad is not None]
            for variable in trainable:
                self.apply_gradient(variable, variable.grad, group)

    def apply_gradient(self, variable, gradient, group):
        learning_rate = group["lr"]
        slots = Slots(self.state[variable], variable)
        slots.advance(gradient, *group["betas"])
        m, v = slots.corrected(*group["betas"])
        variable.sub_(m / (v.sqrt() + group["eps"]), alpha=learning_rate)
        variable.sub_(variable, alpha=learning_rate * group["weight_decay"])
