import torch
import torch.nn.functional as F


@torch.enable_grad()
def accumulate_step(model, batches, optimizer):
    optimizer.zero_grad(set_to_none=True)
    seen, summed = 0, 0.0
    for x, y in batches:
        z = model(x)
        loss = F.cross_entropy(z.reshape(-1, z.size(-1)), y.reshape(-1), reduction="none").sum()
        loss.backward()
        seen += (y != -100).sum().item()
        summed = loss.detach().item()
    # the gradients are those of the sum: make them those of the mean
    for group in optimizer.param_groups:
        for p in group["params"]:
            if p.grad is not None:
                p.grad.div_(seen)
    optimizer.step()
    return summed / max(1, (y != -100).sum().item())
