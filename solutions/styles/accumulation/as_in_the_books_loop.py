"""Written like the book's training loop: a loss for each batch, weighted by its share of the targets that count."""

import torch


def calc_loss_batch(input_batch, target_batch, model):
    logits = model(input_batch)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), target_batch.flatten())
    return loss


def accumulate_step(model, batches, optimizer):
    optimizer.zero_grad()
    num_tokens = [(target_batch != -100).sum().item() for _, target_batch in batches]
    total_loss = 0.0
    for (input_batch, target_batch), count in zip(batches, num_tokens):
        if count == 0:
            continue
        loss = calc_loss_batch(input_batch, target_batch, model)
        loss = loss * count / sum(num_tokens)
        loss.backward()
        total_loss += loss.item()
    optimizer.step()
    return total_loss
