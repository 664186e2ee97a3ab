import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))[:, -1, :]
    return torch.nn.functional.cross_entropy(logits, target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if num_batches is None:
        num_batches = len(data_loader)
    else:
        num_batches = min(num_batches, len(data_loader))

    total_loss = 0.0
    for i, (input_batch, target_batch) in enumerate(data_loader):
        if i == num_batches:
            break
        total_loss += calc_loss_batch(input_batch, target_batch, model, device).item()
    return total_loss / num_batches


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    if num_batches is None:
        num_batches = len(data_loader)
    else:
        num_batches = min(num_batches, len(data_loader))

    model.eval()
    outcomes = []
    with torch.no_grad():
        for i, (input_batch, target_batch) in enumerate(data_loader):
            if i == num_batches:
                break
            logits = model(input_batch.to(device))[:, -1, :]
            outcomes.append(logits.argmax(dim=-1).eq(target_batch.to(device)))
    return torch.cat(outcomes).float().mean().item()


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    def evaluate():
        model.eval()
        with torch.no_grad():
            pair = [calc_loss_loader(dl, model, device, eval_iter) for dl in (train_loader, val_loader)]
        model.train()
        return pair

    train_losses, val_losses = [], []
    train_accs, val_accs = [], []
    examples_seen = 0
    global_step = 0
    for _ in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(input_batch, target_batch, model, device).backward()
            optimizer.step()
            examples_seen += input_batch.shape[0]
            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate()
                train_losses.append(train_loss)
                val_losses.append(val_loss)
            global_step += 1
        train_accs.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        val_accs.append(calc_accuracy_loader(val_loader, model, device, eval_iter))
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    length = model.pos_emb.weight.shape[0]
    if max_length is not None:
        length = min(length, max_length)
    padded = torch.full((1, length), pad_token_id, dtype=torch.long, device=device)
    ids = tokenizer.encode(text)[:length]
    padded[0, :len(ids)] = torch.tensor(ids, dtype=torch.long)
    with torch.no_grad():
        label = model(padded)[0, -1].argmax().item()
    return {0: "not spam", 1: "spam"}[label]
