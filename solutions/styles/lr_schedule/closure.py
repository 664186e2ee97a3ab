"""Clips in a closure that the optimizer calls, and works out all rates before the first step."""

import torch

from .training_loop import calc_loss_batch, evaluate_model


def find_highest_gradient(model):
    return max((torch.max(p.grad) for p in model.parameters() if p.grad is not None), default=None)


def all_rates(peak, total, warmup_steps, initial_lr, min_lr):
    climb = torch.linspace(initial_lr, peak, warmup_steps + 1)[:warmup_steps]
    turn = torch.arange(total - warmup_steps) * torch.pi / (total - warmup_steps)
    return torch.cat([climb, min_lr + (peak - min_lr) / 2 * (1 + torch.cos(turn))]).tolist()


def train_model(
    model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter, start_context, tokenizer,
    warmup_steps, initial_lr=3e-05, min_lr=1e-6,
):  # fmt: skip
    rates = all_rates(optimizer.param_groups[0]["lr"], len(train_loader) * n_epochs, warmup_steps, initial_lr, min_lr)
    step = tokens = 0
    lists = [], [], []
    while step < len(rates):
        for batch in train_loader:
            model.train()

            def closure(batch=batch, clip=step >= warmup_steps):
                optimizer.zero_grad()
                loss = calc_loss_batch(*batch, model, device)
                loss.backward()
                if clip:
                    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                return loss

            for group in optimizer.param_groups:
                group.update(lr=rates[step])
            optimizer.step(closure)
            tokens += batch[0].numel()
            if step % eval_freq == 0:
                found = (*evaluate_model(model, train_loader, val_loader, device, eval_iter), tokens)
                for values, value in zip(lists, found, strict=True):
                    values.append(value)
            step += 1
    return *lists, rates
