import torch
import torch.nn as nn

ce = nn.CrossEntropyLoss()


class History:
    train_losses = []
    val_losses = []
    tokens = []

    def add(self, train_loss, val_loss, tokens):
        self.train_losses.append(train_loss)
        self.val_losses.append(val_loss)
        self.tokens.append(tokens)


def calc_loss_batch(input_batch, target_batch, model, device):
    return ce(model(input_batch.to(device)).flatten(0, 1), target_batch.to(device).flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if len(data_loader) == 0:
        return float("nan")
    last = len(data_loader) if num_batches is None else num_batches
    losses = [calc_loss_batch(x, y, model, device).item() for _, (x, y) in zip(range(last), data_loader)]
    return sum(losses) / len(losses)


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    history = History()
    tokens_seen = 0
    step = 0
    for epoch in range(num_epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            calc_loss_batch(x, y, model, device).backward()
            optimizer.step()
            tokens_seen += x.numel()
            if step % eval_freq == 0:
                history.add(*evaluate_model(model, train_loader, val_loader, device, eval_iter), tokens_seen)
            step += 1
    return history.train_losses, history.val_losses, history.tokens
