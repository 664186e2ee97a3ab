"""Lets the weights decay by itself, and leaves the rest to torch's Adam without a penalty."""

import torch


class AdamW(torch.optim.Adam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr, betas, eps, weight_decay)

    def step(self, closure=None):
        loss = None if closure is None else closure()
        decays = [group["weight_decay"] for group in self.param_groups]
        for group, decay in zip(self.param_groups, decays):
            group["weight_decay"] = 0.0
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.data -= group["lr"] * decay * parameter.data
        super().step()
        for group, decay in zip(self.param_groups, decays):
            group["weight_decay"] = decay
        return loss
