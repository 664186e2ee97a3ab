import math
import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch = input_batch.to(device)
    target_batch = target_batch.to(device)
    return F.cross_entropy(model(input_batch)[:, -1], target_batch)


def _first(data_loader, num_batches):
    for i, batch in enumerate(data_loader):
        if num_batches is not None and i >= num_batches:
            return
        yield batch


def calc_loss_loader(data_loader, model, device, num_batches=None):
    total, n = 0.0, 0
    for input_batch, target_batch in _first(data_loader, num_batches):
        total += calc_loss_batch(input_batch, target_batch, model, device).item()
        n += 1
    return total / n if n else math.nan


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    correct, n = 0, 0
    with torch.no_grad():
        for input_batch, target_batch in _first(data_loader, num_batches):
            guesses = model(input_batch.to(device))[:, -1].argmax(dim=1)
            correct += (guesses == target_batch.to(device)).sum().item()
            n += guesses.numel()
    return correct / n


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    train_losses, val_losses, train_accs, val_accs = [], [], [], []
    examples_seen = 0
    global_step = -1

    for epoch in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            examples_seen += input_batch.numel()
            global_step += 1

            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)

        train_accs.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        val_accs.append(calc_accuracy_loader(val_loader, model, device, eval_iter))

    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    max_length = min(max_length or math.inf, model.pos_emb.weight.shape[0])
    ids = tokenizer.encode(text)[:max_length]
    ids = torch.tensor(ids + [pad_token_id] * (max_length - len(ids)), device=device)
    with torch.no_grad():
        return "spam" if model(ids[None])[0, -1].argmax() == 1 else "not spam"
