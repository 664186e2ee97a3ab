import torch


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
        super().__init__(params, defaults)

    def step(self, closure=None):
        with torch.no_grad():
            for group in self.param_groups:
                lr = group["lr"]
                beta1, beta2 = self.defaults["betas"]
                eps = self.defaults["eps"]
                weight_decay = self.defaults["weight_decay"]

                for p in group["params"]:
                    if p.grad is None:
                        continue
                    g = p.grad
                    state = self.state[p]

                    if len(state) == 0:
                        state["t"] = 0
                        state["m"] = torch.zeros_like(p)
                        state["v"] = torch.zeros_like(p)

                    state["t"] = state["t"] + 1
                    t = state["t"]
                    state["m"] = beta1 * state["m"] + (1 - beta1) * g
                    state["v"] = beta2 * state["v"] + (1 - beta2) * g ** 2
                    m_hat = state["m"] / (1 - beta1 ** t)
                    v_hat = state["v"] / (1 - beta2 ** t)

                    new = p - lr * weight_decay * p
                    new = new - lr * m_hat / (torch.sqrt(v_hat) + eps)
                    p.copy_(new)
