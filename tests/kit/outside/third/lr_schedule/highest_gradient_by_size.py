import math

import torch

from . import training_loop as tl


def find_highest_gradient(model):
    best = None
    for p in model.parameters():
        if p.grad is not None:
            top = torch.max(torch.abs(p.grad)).item()
            if best is None or best < top:
                best = top
    return best


class Trainer:
    def __init__(self, model, optimizer, device, warmup_steps, total_steps, initial_lr, min_lr):
        self.model = model
        self.optimizer = optimizer
        self.device = device
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.initial_lr = initial_lr
        self.min_lr = min_lr
        self.peak_lr = max(group["lr"] for group in optimizer.param_groups)
        self.global_step = 0
        self.tokens = 0
        self.lrs = []

    @property
    def warming_up(self):
        return self.global_step < self.warmup_steps

    def current_lr(self):
        if self.warming_up:
            increment = (self.peak_lr - self.initial_lr) / self.warmup_steps
            return self.initial_lr + self.global_step * increment
        progress = (self.global_step - self.warmup_steps) / (self.total_steps - self.warmup_steps)
        return self.min_lr + (self.peak_lr - self.min_lr) * 0.5 * (1 + math.cos(math.pi * progress))

    def set_lr(self):
        lr = self.current_lr()
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.lrs.append(lr)

    def clip_gradients(self):
        if not self.warming_up:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), max_norm=1.0)

    def train_on(self, inputs, targets):
        self.model.train()
        self.optimizer.zero_grad()
        self.set_lr()
        loss = tl.calc_loss_batch(inputs, targets, self.model, self.device)
        loss.backward()
        self.clip_gradients()
        self.optimizer.step()
        self.tokens += inputs.numel()
        self.global_step += 1


def train_model(model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter,
                start_context, tokenizer, warmup_steps, initial_lr=3e-05, min_lr=1e-6):
    trainer = Trainer(model, optimizer, device, warmup_steps, n_epochs * len(train_loader), initial_lr, min_lr)
    train_losses, val_losses, track_tokens_seen = [], [], []
    for _ in range(n_epochs):
        for inputs, targets in train_loader:
            evaluate_now = trainer.global_step % eval_freq == 0
            trainer.train_on(inputs, targets)
            if evaluate_now:
                train_loss, val_loss = tl.evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append(trainer.tokens)
    return train_losses, val_losses, track_tokens_seen, trainer.lrs
