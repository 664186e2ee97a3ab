"""Makes the averages at construction, counts steps in a tensor, and writes through `.data`."""

import torch


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=1e-2):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                state["m"] = torch.zeros_like(parameter.data)
                state["v"] = torch.zeros_like(parameter.data)
                state["t"] = torch.tensor(0.0)

    def step(self, closure=None):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, parameter.grad.data, b1, b2, group)

    def _move(self, parameter, g, b1, b2, group):
        state = self.state[parameter]
        state["t"] += 1
        t = state["t"].item()
        state["m"] = b1 * state["m"] + (1 - b1) * g
        state["v"] = b2 * state["v"] + (1 - b2) * g * g
        m_hat = state["m"] / (1 - b1**t)
        v_hat = state["v"] / (1 - b2**t)
        lr = group["lr"]
        parameter.data = parameter.data - lr * (
            m_hat / (torch.sqrt(v_hat) + group["eps"]) + group["weight_decay"] * parameter.data
        )
