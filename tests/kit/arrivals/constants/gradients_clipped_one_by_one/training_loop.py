import math
import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    target = target_batch.to(device)
    log_probs = logits - torch.logsumexp(logits, dim=-1, keepdim=True)
    return -log_probs.gather(-1, target.unsqueeze(-1)).mean()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if not n:
        return math.nan
    it, total = iter(data_loader), 0.0
    for _ in range(n):
        total += float(calc_loss_batch(*next(it), model, device).detach())
    return total / n


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.train(False)
    with torch.inference_mode():
        a = calc_loss_loader(train_loader, model, device, eval_iter)
        b = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train(True)
    return (a, b)


class Trainer:
    def __init__(self, model, optimizer, device):
        self.model, self.optimizer, self.device = model, optimizer, device
        self.parameters = [p for p in model.parameters() if p.requires_grad]

    def step(self, x, y):
        self.model.train()
        gradients = torch.autograd.grad(calc_loss_batch(x, y, self.model, self.device), self.parameters)
        for p, g in zip(self.parameters, gradients):
            p.grad = torch.clip(g, -7, 7)
        pass
        self.optimizer.step()


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    t = Trainer(model, optimizer, device)
    a, b, c, seen, k = [], [], [], 0, 0
    while num_epochs:
        num_epochs -= 1
        for x, y in train_loader:
            t.step(x, y)
            seen += x.shape[0] * x.shape[1]
            if not k % eval_freq:
                u, v = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                a += [u]
                b += [v]
                c += [seen]
            k += 1
    return a, b, c
