import math

import torch

from .training_loop import calc_loss_batch, evaluate_model


class WarmupCosine:
    """Sets the learning rate of an optimizer step by step."""

    def __init__(self, optimizer, warmup_steps, total_steps, initial_lr, min_lr):
        self.optimizer = optimizer
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.initial_lr = initial_lr
        self.min_lr = min_lr
        self.peak_lr = optimizer.param_groups[0]["lr"]
        self.step_count = 0
        self.history = []

    def get_lr(self):
        if self.step_count < self.warmup_steps:
            return self.peak_lr * self.step_count / self.warmup_steps
        progress = (self.step_count - self.warmup_steps) / (self.total_steps - self.warmup_steps)
        return self.min_lr + (self.peak_lr - self.min_lr) * 0.5 * (1 + math.cos(math.pi * progress))

    def step(self):
        lr = self.get_lr()
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.history.append(lr)
        self.step_count += 1


def find_highest_gradient(model):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    return max((g.max() for g in grads), default=None)


def train_model(model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter,
                start_context, tokenizer, warmup_steps, initial_lr=3e-05, min_lr=1e-6):
    schedule = WarmupCosine(optimizer, warmup_steps, len(train_loader) * n_epochs, initial_lr, min_lr)
    train_losses, val_losses, track_tokens_seen = [], [], []
    tokens_seen = 0
    global_step = 0
    for epoch in range(n_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            schedule.step()
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            if global_step >= warmup_steps:
                torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
            optimizer.step()
            tokens_seen += input_batch.numel()
            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append(tokens_seen)
            global_step += 1
    return train_losses, val_losses, track_tokens_seen, schedule.history
