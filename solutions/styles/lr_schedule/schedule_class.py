"""A class that holds the schedule, and a generator that makes the steps; gradients are joined into one vector."""

import math
from dataclasses import dataclass

import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from . import training_loop


def find_highest_gradient(model):
    highest = None
    for parameter in model.parameters():
        if parameter.grad is None:
            continue
        candidate = parameter.grad.max()
        highest = candidate if highest is None else torch.maximum(highest, candidate)
    return highest


@dataclass
class Schedule:
    initial: float
    peak: float
    lowest: float
    warmup: int
    total: int

    def __call__(self, step):
        if step >= self.warmup:
            angle = math.pi * (step - self.warmup) / (self.total - self.warmup)
            return self.lowest + (self.peak - self.lowest) * (math.cos(angle) + 1) / 2
        share = step / self.warmup
        return (1 - share) * self.initial + share * self.peak


def clip(model):
    gradients = [parameter.grad for parameter in model.parameters()]
    vector = parameters_to_vector(gradients)
    vector_to_parameters(vector / vector.norm().clamp(min=1.0), gradients)
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        parameter.grad = gradient


def steps(model, loader, optimizer, device, epochs, schedule):
    step = 0
    for _ in range(epochs):
        for inputs, targets in loader:
            model.train()
            rate = schedule(step)
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            training_loop.calc_loss_batch(inputs, targets, model, device).backward()
            if step > schedule.warmup:
                clip(model)
            optimizer.step()
            yield step, rate, inputs.numel()
            step += 1


def train_model(
    model, train_loader, val_loader, optimizer, device, n_epochs, eval_freq, eval_iter, start_context, tokenizer,
    warmup_steps, initial_lr=3e-05, min_lr=1e-6,
):  # fmt: skip
    peak = max(group["lr"] for group in optimizer.param_groups)
    schedule = Schedule(initial_lr, peak, min_lr, warmup_steps, len(train_loader) * n_epochs)
    history, rates, tokens = [], [], 0
    for step, rate, size in steps(model, train_loader, optimizer, device, n_epochs, schedule):
        rates.append(rate)
        tokens += size
        if step % eval_freq == 0:
            losses = training_loop.evaluate_model(model, train_loader, val_loader, device, eval_iter)
            history.append((*losses, tokens))
    return [h[0] for h in history], [h[1] for h in history], [h[2] for h in history], rates
