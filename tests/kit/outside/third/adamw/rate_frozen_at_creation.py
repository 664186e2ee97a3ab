from typing import NamedTuple

import torch


class Hyper(NamedTuple):
    lr: float
    betas: tuple
    eps: float
    weight_decay: float


def update(p, g, m, v, t, h):
    t = t + 1
    m = h.betas[0] * m + (1.0 - h.betas[0]) * g
    v = h.betas[1] * v + (1.0 - h.betas[1]) * torch.square(g)
    direction = (m / (1.0 - h.betas[0] ** t)) / (torch.sqrt(v / (1.0 - h.betas[1] ** t)) + h.eps)
    p = p - h.lr * (direction + h.weight_decay * p)
    return p, m, v, t


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, Hyper(lr, betas, eps, weight_decay)._asdict())
        self.hypers = [Hyper(**{name: group[name] for name in Hyper._fields}) for group in self.param_groups]

    def hyper(self, group):
        return Hyper(**{name: group[name] for name in Hyper._fields})

    @torch.no_grad()
    def step(self, closure=None):
        for group, h in zip(self.param_groups, self.hypers):
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                m, v, t = s.get("m", torch.zeros_like(p)), s.get("v", torch.zeros_like(p)), s.get("t", 0)
                new, s["m"], s["v"], s["t"] = update(p, p.grad, m, v, t, h)
                p.data = new
