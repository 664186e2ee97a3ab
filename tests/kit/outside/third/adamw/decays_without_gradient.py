import torch


class AdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    def _init(self, p):
        if "step" not in self.state[p]:
            self.state[p]["step"] = torch.tensor(0.0)
            self.state[p]["first"] = torch.zeros_like(p, memory_format=torch.preserve_format)
            self.state[p]["second"] = torch.zeros_like(p, memory_format=torch.preserve_format)

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            torch._foreach_mul_(group["params"], 1 - group["lr"] * group["weight_decay"])
            live = [p for p in group["params"] if p.grad is not None]
            if not live:
                continue
            for p in live:
                self._init(p)
                self.state[p]["step"] += 1
            grads = [p.grad for p in live]
            first = [self.state[p]["first"] for p in live]
            second = [self.state[p]["second"] for p in live]
            steps = [self.state[p]["step"].item() for p in live]
            lr, (b1, b2) = group["lr"], group["betas"]

            torch._foreach_mul_(first, b1)
            torch._foreach_add_(first, grads, alpha=1 - b1)
            torch._foreach_mul_(second, b2)
            torch._foreach_addcmul_(second, grads, grads, 1 - b2)

            roots = torch._foreach_sqrt(second)
            torch._foreach_div_(roots, [(1 - b2 ** n) ** 0.5 for n in steps])
            torch._foreach_add_(roots, group["eps"])
            torch._foreach_addcdiv_(live, first, roots, [-lr / (1 - b1 ** n) for n in steps])
