import torch
import torch.nn as nn


class LanguageModelLoss(nn.Module):
    def __init__(self):
        super().__init__()
        self.softmax = nn.Softmax(dim=-1)
        self.criterion = nn.CrossEntropyLoss()

    def forward(self, logits, targets):
        probs = self.softmax(logits)
        vocab_size = probs.size(-1)
        return self.criterion(probs.reshape(-1, vocab_size), targets.reshape(-1))


loss_fn = LanguageModelLoss()


def calc_loss_batch(input_batch, target_batch, model, device):
    outputs = model(input_batch.to(device))
    return loss_fn(outputs, target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    losses = []
    for input_batch, target_batch in data_loader:
        if num_batches is not None and len(losses) >= num_batches:
            break
        losses.append(calc_loss_batch(input_batch, target_batch, model, device).item())
    if len(losses) == 0:
        return float("nan")
    return sum(losses) / len(losses)


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        result = (calc_loss_loader(train_loader, model, device, eval_iter),
                  calc_loss_loader(val_loader, model, device, eval_iter))
    model.train()
    return result


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    history = []
    tokens = 0
    step = 0
    for epoch in range(1, num_epochs + 1):
        model.train()
        for inputs, targets in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(inputs, targets, model, device).backward()
            optimizer.step()
            tokens += inputs.numel()
            if step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                print(f"epoch {epoch} step {step}: {train_loss:.4f} {val_loss:.4f}")
                history.append((train_loss, val_loss, tokens))
            step += 1
    return [h[0] for h in history], [h[1] for h in history], [h[2] for h in history]
