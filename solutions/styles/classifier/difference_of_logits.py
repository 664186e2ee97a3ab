"""Two classes need only one number: how much larger the logit of class 1 is. A softplus of it is the loss."""

import torch
from torch.nn import functional as F


def score(ids, model, device):
    """Return how much speaks for class 1, `(batch,)`."""
    not_spam, spam = model(ids.to(device))[:, -1].unbind(dim=-1)
    return spam - not_spam


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    was_training = model.training
    model.eval()
    right = total = 0
    with torch.no_grad():
        for number, (ids, classes) in enumerate(data_loader, start=1):
            right += int(((score(ids, model, device) > 0).long() == classes.to(device)).sum())
            total += classes.numel()
            if number == num_batches:
                break
    model.train(was_training)
    return right / total


def calc_loss_batch(input_batch, target_batch, model, device):
    scores = score(input_batch, model, device)
    return F.binary_cross_entropy_with_logits(scores, target_batch.to(device, scores.dtype))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    mean, count = float("nan"), 0
    for ids, classes in data_loader:
        if count == num_batches:
            break
        signs = 1 - 2 * classes.to(device)
        loss = F.softplus(signs * score(ids, model, device)).mean().item()
        mean = loss if count == 0 else mean + (loss - mean) / (count + 1)
        count += 1  # noqa: SIM113
    return mean


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    train_losses, val_losses, train_accs, val_accs = [], [], [], []
    examples_seen = countdown = 0
    model.train()
    for _ in range(num_epochs):
        for ids, classes in train_loader:
            model.zero_grad()
            calc_loss_batch(ids, classes, model, device).backward()
            optimizer.step()
            examples_seen += classes.numel()
            if countdown == 0:
                model.eval()
                train_losses.append(calc_loss_loader(train_loader, model, device, eval_iter))
                val_losses.append(calc_loss_loader(val_loader, model, device, eval_iter))
                model.train()
                countdown = eval_freq
            countdown -= 1
        train_accs.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        val_accs.append(calc_accuracy_loader(val_loader, model, device, eval_iter))
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    context_length = model.pos_emb.weight.shape[0]
    length = context_length if max_length is None else min(max_length, context_length)
    ids = torch.tensor([tokenizer.encode(text)[:length]])
    padded = F.pad(ids, (0, length - ids.shape[1]), value=pad_token_id)
    model.eval()
    with torch.no_grad():
        is_spam = score(padded, model, device).item() > 0
    return "spam" if is_spam else "not spam"
