from dataclasses import dataclass, field
import torch
from torch.nn.utils import clip_grad_norm_
import torch.nn.functional as F


@dataclass
class TrainState:
    step: int = 0
    tokens: int = 0
    train_losses: list = field(default_factory=list)
    val_losses: list = field(default_factory=list)
    tokens_seen: list = field(default_factory=list)


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    return F.cross_entropy(logits.transpose(-1, -2), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if n == 0:
        return float("nan")
    loss = 0.0
    for _, (x, y) in zip(range(n), data_loader):
        loss += calc_loss_batch(x, y, model, device).item()
    return loss / n


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    state = TrainState()
    for epoch in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad(set_to_none=True)
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            clip_grad_norm_(model.parameters(), max_norm=1.0)
            optimizer.step()
            state.tokens += x.numel()
            if state.step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                state.train_losses.append(train_loss)
                state.val_losses.append(val_loss)
                state.tokens_seen.append(state.tokens)
            state.step += 1
    return state.train_losses, state.val_losses, state.tokens_seen
