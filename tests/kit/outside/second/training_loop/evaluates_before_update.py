# MISTAKE: The losses are measured and appended before optimizer.step() of that batch, so they belong to the weights of the step before; right is to evaluate after the step.
import torch
import torch.nn.functional as F


def calc_loss_batch(input_batch, target_batch, model, device):
    logits = model(input_batch.to(device))
    vocab = logits.size(-1)
    return F.cross_entropy(logits.reshape(-1, vocab), target_batch.to(device).reshape(-1))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader)
    if n == 0:
        return float("nan")
    if num_batches is not None:
        n = min(n, num_batches)
    losses = []
    for (xb, yb), _ in zip(data_loader, range(n)):
        losses.append(calc_loss_batch(xb, yb, model, device).item())
    return sum(losses) / n


@torch.no_grad()
def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    out = []
    model.eval()
    for loader in (train_loader, val_loader):
        out.append(calc_loss_loader(loader, model, device, eval_iter))
    model.train()
    return tuple(out)


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    history = {"train": [], "val": [], "tokens": []}
    seen, global_step = 0, 0
    model.train()

    for epoch in range(num_epochs):
        for input_batch, target_batch in train_loader:
            seen += input_batch.numel()
            if global_step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                history["train"].append(train_loss)
                history["val"].append(val_loss)
                history["tokens"].append(seen)
                print(f"epoch {epoch + 1} step {global_step}: train {train_loss:.3f} val {val_loss:.3f}")

            optimizer.zero_grad()
            calc_loss_batch(input_batch, target_batch, model, device).backward()
            optimizer.step()
            global_step += 1

    return history["train"], history["val"], history["tokens"]
