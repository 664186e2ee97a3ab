import torch
import torch.nn.functional as F

LABELS = ["spam", "not spam"]


def forward_last(model, x):
    logits = model(x)
    return logits.select(1, logits.size(1) - 1)


def calc_loss_batch(input_batch, target_batch, model, device):
    return F.nll_loss(forward_last(model, input_batch.to(device)).log_softmax(-1), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n_batches = len(data_loader)
    if num_batches is not None:
        n_batches = min(n_batches, num_batches)
    if not n_batches:
        return float("nan")
    total = 0.0
    for b, (x, y) in enumerate(data_loader):
        if b >= n_batches:
            break
        total += float(calc_loss_batch(x, y, model, device).detach())
    return total / n_batches


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    n_batches = len(data_loader)
    if num_batches is not None:
        n_batches = min(n_batches, num_batches)
    training = model.training
    model.eval()
    ok, n = 0, 0
    with torch.no_grad():
        for b, (x, y) in enumerate(data_loader):
            if b >= n_batches:
                break
            ok += (forward_last(model, x.to(device)).argmax(-1) == y.to(device)).sum().item()
            n += x.size(0)
    if training:
        model.train()
    return ok / n


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    out = dict(train_losses=[], val_losses=[], train_accs=[], val_accs=[])
    examples_seen, step = 0, 0
    model.train()
    for _ in range(num_epochs):
        for x, y in train_loader:
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            examples_seen += x.size(0)
            if step % eval_freq == 0:
                model.eval()
                with torch.no_grad():
                    out["train_losses"].append(calc_loss_loader(train_loader, model, device, eval_iter))
                    out["val_losses"].append(calc_loss_loader(val_loader, model, device, eval_iter))
                model.train()
            step += 1
        out["train_accs"].append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        out["val_accs"].append(calc_accuracy_loader(val_loader, model, device, eval_iter))
    return *out.values(), examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    context = model.pos_emb.weight.size(0)
    max_length = context if max_length is None else min(max_length, context)
    ids = tokenizer.encode(text)[:max_length]
    ids.extend([pad_token_id] * (max_length - len(ids)))
    model.eval()
    with torch.no_grad():
        label = forward_last(model, torch.tensor(ids, device=device).unsqueeze(0)).argmax(-1).item()
    return LABELS[label]
