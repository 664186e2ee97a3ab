import torch
import torch.nn.functional as F


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    limit = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    correct = 0
    total = 0
    for index, (ids, labels) in enumerate(data_loader):
        if index == limit:
            break
        ids = ids.to(device)
        labels = labels.to(device)
        with torch.no_grad():
            scores = model(ids)[:, -1, :]
        correct += int((scores.argmax(dim=-1) == labels).sum())
        total += int(labels.shape[0])
    return correct / total


def calc_loss_batch(input_batch, target_batch, model, device):
    scores = model(input_batch.to(device))[:, -1, :]
    return F.cross_entropy(scores, target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    limit = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if limit == 0:
        return float("nan")
    total = 0.0
    for index, (ids, labels) in enumerate(data_loader):
        if index == limit:
            break
        total += calc_loss_batch(ids, labels, model, device).item()
    return total / limit


def validation_loss(model, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return loss


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    train_losses, val_losses = [], []
    train_accs, val_accs = [], []
    examples_seen = 0
    step = 0
    for epoch in range(num_epochs):
        model.train()
        for ids, labels in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(ids, labels, model, device)
            loss.backward()
            optimizer.step()
            examples_seen += int(ids.shape[0])
            if step % eval_freq == 0:
                train_losses.append(loss.item())
                val_losses.append(validation_loss(model, val_loader, device, eval_iter))
            step += 1
        train_accs.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        val_accs.append(calc_accuracy_loader(val_loader, model, device, eval_iter))
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    context_length = model.pos_emb.weight.shape[0]
    length = context_length if max_length is None else min(max_length, context_length)
    ids = tokenizer.encode(text)
    if len(ids) > length:
        ids = ids[:length]
    else:
        ids = ids + [pad_token_id] * (length - len(ids))
    with torch.no_grad():
        scores = model(torch.tensor([ids], dtype=torch.long, device=device))[0, -1, :]
    return "spam" if int(scores.argmax()) == 1 else "not spam"
