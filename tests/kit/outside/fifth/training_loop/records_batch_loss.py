import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    out = model(input_batch.to(device))
    return F.cross_entropy(out.reshape(-1, out.size(2)), target_batch.to(device).reshape(-1))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    running_loss = 0.0
    batches = 0
    for i, data in enumerate(data_loader, 0):
        if num_batches is not None and i >= num_batches:
            break
        inputs, labels = data
        running_loss += calc_loss_batch(inputs, labels, model, device).item()
        batches += 1
    return running_loss / batches if batches else float("nan")


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens = [], [], []
    seen = 0
    step = 0
    for epoch in range(num_epochs):
        for i, data in enumerate(train_loader, 0):
            model.train()
            inputs, labels = data
            optimizer.zero_grad()
            loss = calc_loss_batch(inputs, labels, model, device)
            loss.backward()
            optimizer.step()
            seen += inputs.numel()
            if step % eval_freq == 0:
                model.eval()
                with torch.no_grad():
                    val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
                model.train()
                train_losses.append(loss.item())
                val_losses.append(val_loss)
                tokens.append(seen)
                print(f"[{epoch + 1}, {i + 1:5d}] loss: {loss.item():.3f}")
            step += 1
    return train_losses, val_losses, tokens
