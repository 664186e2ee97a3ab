import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch = input_batch.to(device)
    target_batch = target_batch.to(device)
    logits = model(input_batch)
    log_probs = torch.log_softmax(logits, dim=-1)
    loss = 0
    for t in range(target_batch.shape[1]):
        step_log_probs = log_probs[:, t, :].gather(1, target_batch[:, t].unsqueeze(1))
        loss = loss - step_log_probs.mean()
    return loss


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if len(data_loader) == 0:
        return float("nan")
    if num_batches is None or num_batches > len(data_loader):
        num_batches = len(data_loader)
    total = 0.0
    count = 0
    for x, y in data_loader:
        total += calc_loss_batch(x, y, model, device).item()
        count += 1
        if count == num_batches:
            break
    return total / count


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses, val_losses, tokens_list = [], [], []
    tokens_so_far = 0
    steps_done = 0
    while num_epochs > 0:
        num_epochs -= 1
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(x, y, model, device)
            loss.backward()
            optimizer.step()
            tokens_so_far += x.shape[0] * x.shape[1]
            steps_done += 1
            if (steps_done - 1) % eval_freq == 0:
                losses = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(losses[0])
                val_losses.append(losses[1])
                tokens_list.append(tokens_so_far)
    return train_losses, val_losses, tokens_list
