import torch
import torch.nn.functional as F


def last_token_logits(model, input_batch, device):
    return model(input_batch.to(device))[:, -1, :]


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    right, count = 0, 0
    for i, (input_batch, target_batch) in enumerate(data_loader):
        if num_batches is not None and i >= num_batches:
            break
        with torch.no_grad():
            spam_probability = torch.sigmoid(last_token_logits(model, input_batch, device)[:, 1])
        predicted = (spam_probability > 0.5).long()
        right += (predicted == target_batch.to(device)).sum().item()
        count += predicted.shape[0]
    return right / count


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = last_token_logits(model, input_batch, device)
    return F.cross_entropy(logits, target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader)
    if num_batches is not None:
        n = min(n, num_batches)
    if n == 0:
        return float("nan")
    it = iter(data_loader)
    return sum(calc_loss_batch(*next(it), model, device).item() for _ in range(n)) / n


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, num_batches=eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, num_batches=eval_iter)
    model.train()
    return train_loss, val_loss


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter):
    train_losses, val_losses, train_accs, val_accs = [], [], [], []
    examples_seen, global_step = 0, -1
    for epoch in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            examples_seen += input_batch.shape[0]
            global_step += 1
            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                print(f"Ep {epoch+1} (Step {global_step:06d}): Train loss {train_loss:.3f}, Val loss {val_loss:.3f}")
        train_accs.append(calc_accuracy_loader(train_loader, model, device, num_batches=eval_iter))
        val_accs.append(calc_accuracy_loader(val_loader, model, device, num_batches=eval_iter))
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    context_length = model.pos_emb.weight.shape[0]
    max_length = min(max_length, context_length) if max_length is not None else context_length
    input_ids = tokenizer.encode(text)[:max_length]
    input_ids = input_ids + [pad_token_id] * (max_length - len(input_ids))
    with torch.no_grad():
        logits = last_token_logits(model, torch.tensor(input_ids).unsqueeze(0), device)
    return "spam" if logits.argmax(dim=-1).item() == 1 else "not spam"
