"""None of the four functions calls another; gradients are cleared after the step; NumPy computes the means."""

import numpy as np
import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    return F.nll_loss(F.log_softmax(model(input_batch.to(device)), dim=2).permute(0, 2, 1), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = []
    for inputs, targets in data_loader:
        if num_batches is not None and len(losses) >= num_batches:
            break
        with torch.no_grad():
            logits = model(inputs.to(device))
            losses.append(F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1).to(device)).item())
    return np.mean(losses) if losses else np.nan


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    means = []
    with torch.set_grad_enabled(False):
        for loader in (train_loader, val_loader):
            losses = []
            for number, (inputs, targets) in enumerate(loader):
                if number == eval_iter:
                    break
                losses.append(F.cross_entropy(model(inputs.to(device)).mT, targets.to(device)).numpy())
            means.append(np.stack(losses).mean() if losses else np.nan)
    model.train()
    return means[0], means[1]


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    train_losses, val_losses, track_tokens_seen = [], [], []
    batches = [(epoch, batch) for epoch in range(num_epochs) for batch in train_loader]
    model.train()
    tokens = np.cumsum([inputs.numel() for _, (inputs, _) in batches])
    for step, (_, (inputs, targets)) in enumerate(batches):
        with torch.enable_grad():
            F.cross_entropy(model(inputs.to(device)).mT, targets.to(device)).backward()
        optimizer.step()
        for parameter in model.parameters():
            parameter.grad = None
        if step % eval_freq == 0:
            model.eval()
            for loader, losses in ((train_loader, train_losses), (val_loader, val_losses)):
                own = []
                for inputs, targets in loader:
                    if len(own) == eval_iter:
                        break
                    with torch.no_grad():
                        own.append(F.cross_entropy(model(inputs.to(device)).mT, targets.to(device)).item())
                losses.append(sum(own) / len(own))
            model.train()
            track_tokens_seen.append(int(tokens[step]))
    return train_losses, val_losses, track_tokens_seen
