import numpy as np
import torch


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        if lr < 0 or eps < 0:
            raise ValueError("lr and eps must not be negative")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None or not torch.any(p.grad):
                    continue
                if p not in self.state:
                    self.state[p] = {"k": 0, "mu": torch.zeros_like(p.data), "nu": torch.zeros_like(p.data)}
                self.update_one(p, group)

    def update_one(self, p, group):
        memory = self.state[p]
        grad = p.grad.data
        memory["k"] += 1
        b1, b2 = group["betas"]
        memory["mu"] = b1 * memory["mu"] + (1 - b1) * grad
        memory["nu"] = b2 * memory["nu"] + (1 - b2) * grad * grad
        bias1 = 1 - np.power(b1, memory["k"])
        bias2 = 1 - np.power(b2, memory["k"])
        decayed = p.data * (1 - group["lr"] * group["weight_decay"])
        step = (memory["mu"] / bias1) / ((memory["nu"] / bias2) ** 0.5 + group["eps"])
        p.data.copy_(decayed - group["lr"] * step)
