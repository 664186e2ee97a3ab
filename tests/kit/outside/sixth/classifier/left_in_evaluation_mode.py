import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    x = input_batch.to(device)
    y = target_batch.to(device)
    return F.cross_entropy(model(x)[:, -1, :], y)


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if len(data_loader) == 0:
        return float("nan")
    if num_batches is None or num_batches > len(data_loader):
        num_batches = len(data_loader)
    losses = torch.zeros(num_batches)
    for k, (x, y) in enumerate(data_loader):
        if k == num_batches:
            break
        losses[k] = calc_loss_batch(x, y, model, device).item()
    return losses.mean().item()


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    if num_batches is None or num_batches > len(data_loader):
        num_batches = len(data_loader)
    model.eval()
    n_right = 0
    n_all = 0
    for k, (x, y) in enumerate(data_loader):
        if k == num_batches:
            break
        with torch.no_grad():
            logits = model(x.to(device))[:, -1, :]
        n_right += (logits.argmax(dim=-1) == y.to(device)).sum().item()
        n_all += x.shape[0]
    return n_right / n_all


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
    val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    return train_loss, val_loss


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    train_losses, val_losses, train_accs, val_accs = [], [], [], []
    examples_seen = 0
    global_step = 0

    model.train()
    for epoch in range(num_epochs):
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            examples_seen += x.shape[0]

            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
            global_step += 1

        train_accs.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        val_accs.append(calc_accuracy_loader(val_loader, model, device, eval_iter))

    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    longest = model.pos_emb.weight.shape[0]
    if max_length is None:
        max_length = longest
    max_length = min(max_length, longest)
    ids = tokenizer.encode(text)[:max_length]
    ids = ids + (max_length - len(ids)) * [pad_token_id]
    with torch.no_grad():
        logits = model(torch.tensor(ids, device=device).view(1, -1))[:, -1, :]
    return "spam" if logits.argmax(dim=-1).item() else "not spam"
