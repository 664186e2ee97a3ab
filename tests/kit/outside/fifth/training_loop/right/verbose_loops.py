import torch

# my own version, one small thing after the other


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch = input_batch.to(device)
    target_batch = target_batch.to(device)
    logits = model(input_batch)
    batch_size = logits.shape[0]
    number_of_tokens = logits.shape[1]
    losses = []
    for b in range(batch_size):
        for t in range(number_of_tokens):
            scores = logits[b, t]
            right_score = scores[target_batch[b, t]]
            losses.append(torch.logsumexp(scores, dim=0) - right_score)
    return torch.stack(losses).mean()


def calc_loss_loader(data_loader, model, device, num_batches=None):
    how_many = 0
    summed = 0.0
    for input_batch, target_batch in data_loader:
        if num_batches is not None:
            if how_many == num_batches:
                break
        loss = calc_loss_batch(input_batch, target_batch, model, device)
        summed = summed + loss.item()
        how_many = how_many + 1
    if how_many == 0:
        return float("nan")
    return summed / how_many


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
    with torch.no_grad():
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_model_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                       eval_freq, eval_iter, start_context, tokenizer):
    train_losses = []
    val_losses = []
    track_tokens_seen = []
    tokens_seen = 0
    steps_until_eval = 0
    for epoch in range(num_epochs):
        print("epoch", epoch + 1)
        for input_batch, target_batch in train_loader:
            # forward, backward, update, forget
            model.train()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            for parameter in model.parameters():
                parameter.grad = None
            tokens_seen = tokens_seen + len(input_batch) * len(input_batch[0])
            if steps_until_eval == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                train_losses.append(train_loss)
                val_losses.append(val_loss)
                track_tokens_seen.append(tokens_seen)
                steps_until_eval = eval_freq
            steps_until_eval = steps_until_eval - 1
    return train_losses, val_losses, track_tokens_seen
