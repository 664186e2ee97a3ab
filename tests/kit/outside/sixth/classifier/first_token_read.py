import torch
import torch.nn.functional as F


def class_logits(model, ids):
    # the sequence is summed up in its first token
    return model(ids)[:, 0]


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    hits = seen = 0
    with torch.no_grad():
        for i, (x, y) in enumerate(data_loader):
            if num_batches is not None and i >= num_batches:
                break
            pred = class_logits(model, x.to(device)).argmax(dim=-1)
            hits += (pred == y.to(device)).sum().item()
            seen += len(y)
    return hits / seen


def calc_loss_batch(input_batch, target_batch, model, device):
    return F.cross_entropy(class_logits(model, input_batch.to(device)), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = []
    for i, (x, y) in enumerate(data_loader):
        if num_batches is not None and i >= num_batches:
            break
        losses.append(calc_loss_batch(x, y, model, device).item())
    return sum(losses) / len(losses) if losses else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        losses = [calc_loss_loader(loader, model, device, eval_iter) for loader in (train_loader, val_loader)]
    model.train()
    return losses


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    train_losses, val_losses, train_accs, val_accs = [], [], [], []
    examples_seen, step = 0, 0
    for epoch in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(x, y, model, device).backward()
            optimizer.step()
            examples_seen += x.shape[0]
            if step % eval_freq == 0:
                t, v = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(t)
                val_losses.append(v)
            step += 1
        train_accs.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        val_accs.append(calc_accuracy_loader(val_loader, model, device, eval_iter))
        print(f"epoch {epoch + 1}: accuracy {train_accs[-1]:.3f} / {val_accs[-1]:.3f}")
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    context = model.pos_emb.weight.shape[0]
    max_length = context if max_length is None else min(max_length, context)
    ids = tokenizer.encode(text)[:max_length]
    ids = ids + [pad_token_id] * (max_length - len(ids))
    with torch.no_grad():
        label = class_logits(model, torch.tensor([ids], device=device)).argmax(-1).item()
    return "spam" if label == 1 else "not spam"
