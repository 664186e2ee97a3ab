import torch
import torch.nn.functional as F

def _limit(loader, n):
    return len(loader) if n is None or n > len(loader) else n

def calc_loss_batch(input_batch, target_batch, model, device):
    out = model(input_batch.to(device))
    return F.cross_entropy(out[:, out.shape[1] - 1], target_batch.to(device))

def calc_loss_loader(data_loader, model, device, num_batches=None):
    n, s, i = _limit(data_loader, num_batches), 0.0, 0
    if n == 0: return float("nan")
    for x, y in data_loader:
        if i == n: break
        s += calc_loss_batch(x, y, model, device).item()
        i += 1
    return s / n

def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    n, good, total, i = _limit(data_loader, num_batches), 0, 0, 0
    model.eval()
    for x, y in data_loader:
        if i == n: break
        with torch.no_grad(): out = model(x.to(device))
        for k in range(x.shape[0]):
            good += int(out[k, -1].argmax().item() == y[k].item())
            total += 1
        i += 1
    return good / total

def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    params = [p for group in optimizer.param_groups for p in group["params"] if p.requires_grad]
    tl, vl, ta, va, seen, step = [], [], [], [], 0, 0
    for _ in range(num_epochs):
        for x, y in train_loader:
            model.train()
            for p, g in zip(params, torch.autograd.grad(calc_loss_batch(x, y, model, device), params, allow_unused=True)):
                p.grad = g
            optimizer.step()
            seen += x.shape[0]
            if step % eval_freq == 0:
                model.eval()
                with torch.no_grad():
                    tl.append(calc_loss_loader(train_loader, model, device, eval_iter))
                    vl.append(calc_loss_loader(val_loader, model, device, eval_iter))
                model.train()
            step += 1
        ta.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        va.append(calc_accuracy_loader(val_loader, model, device, eval_iter))
    return tl, vl, ta, va, seen

def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    T = model.pos_emb.weight.shape[0]
    T = T if max_length is None else min(T, max_length)
    ids = list(tokenizer.encode(text))
    while len(ids) < T: ids.append(pad_token_id)
    with torch.no_grad():
        z0, z1 = model(torch.tensor([ids[:T]], device=device))[0, -1].tolist()
    return "spam" if z1 > z0 else "not spam"
