"""Gradients from torch.autograd.grad, a loss by logsumexp, and accuracies on a copy of the model."""

import copy

import torch


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    frozen = copy.deepcopy(model).eval().requires_grad_(False)
    count = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    batches = iter(data_loader)
    right, texts = torch.zeros((), dtype=torch.int64), 0
    for _ in range(count):
        ids, classes = next(batches)
        predicted = frozen(ids.to(device))[:, -1].topk(1).indices.squeeze(-1)
        right += torch.count_nonzero(predicted == classes.to(device)).cpu()
        texts += len(ids)
    return float(right) / texts


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))[:, -1]
    true = logits.gather(1, target_batch.to(device)[:, None]).squeeze(1)
    return (logits.logsumexp(dim=1) - true).mean()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    count = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    total = torch.zeros((), dtype=torch.float64)
    batches = iter(data_loader)
    for _ in range(count):
        total += calc_loss_batch(*next(batches), model, device).detach().cpu()
    return (total / count).item()  # 0 / 0 is nan


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    curves = [], [], [], []
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    sizes = []
    for _ in range(num_epochs):
        for batch in train_loader:
            loss = calc_loss_batch(*batch, model.train(), device)
            for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                parameter.grad = gradient
            optimizer.step()
            if len(sizes) % eval_freq == 0:
                for curve, loader in zip(curves, (train_loader, val_loader), strict=False):
                    curve.append(calc_loss_loader(loader, model.eval(), device, eval_iter))
            sizes.append(len(batch[0]))
        for curve, loader in zip(curves[2:], (train_loader, val_loader), strict=True):
            curve.append(calc_accuracy_loader(loader, model, device, eval_iter))
    return *curves, sum(sizes)


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    frozen = copy.deepcopy(model).eval().requires_grad_(False)
    ids = list(tokenizer.encode(text))
    length = min(len(model.pos_emb.weight), max_length) if max_length else len(model.pos_emb.weight)
    while len(ids) < length:
        ids.append(pad_token_id)
    del ids[length:]
    answer = frozen(torch.as_tensor(ids, device=device)[None])[0, length - 1].argmax()
    return {0: "not spam", 1: "spam"}[answer.item()]
