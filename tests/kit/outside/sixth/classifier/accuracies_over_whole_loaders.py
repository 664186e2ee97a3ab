import torch
from torch import nn


criterion = nn.CrossEntropyLoss()


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch, target_batch = input_batch.to(device), target_batch.to(device)
    return criterion(model(input_batch)[:, -1, :], target_batch)


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if len(data_loader) == 0:
        return float("nan")
    num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    running = 0.0
    for step, (input_batch, target_batch) in enumerate(data_loader):
        if step >= num_batches:
            break
        running += calc_loss_batch(input_batch, target_batch, model, device).item()
    return running / num_batches


@torch.inference_mode()
def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    n_correct, n_total = 0, 0
    for step, (input_batch, target_batch) in enumerate(data_loader):
        if step >= num_batches:
            break
        preds = model(input_batch.to(device))[:, -1, :].argmax(dim=-1)
        n_correct += (preds == target_batch.to(device)).sum().item()
        n_total += target_batch.size(0)
    return n_correct / n_total


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    train_losses, val_losses, train_accs, val_accs = [], [], [], []
    examples_seen, global_step = 0, 0

    for epoch in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            examples_seen += input_batch.size(0)

            if global_step % eval_freq == 0:
                model.eval()
                with torch.no_grad():
                    train_losses.append(calc_loss_loader(train_loader, model, device, eval_iter))
                    val_losses.append(calc_loss_loader(val_loader, model, device, eval_iter))
                model.train()
            global_step += 1

        train_accs.append(calc_accuracy_loader(train_loader, model, device))
        val_accs.append(calc_accuracy_loader(val_loader, model, device))

    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    context = model.pos_emb.weight.shape[0]
    max_length = context if max_length is None else min(max_length, context)
    ids = tokenizer.encode(text)[:max_length]
    ids += [pad_token_id] * (max_length - len(ids))
    with torch.no_grad():
        pred = model(torch.tensor([ids], device=device))[:, -1, :].argmax(dim=-1).item()
    return "spam" if pred == 1 else "not spam"
