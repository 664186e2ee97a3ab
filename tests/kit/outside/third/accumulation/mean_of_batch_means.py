import torch.nn.functional as F


def accumulate_step(model, batches, optimizer):
    batches = [(x, y) for x, y in batches if (y != -100).any()]
    accumulation_steps = len(batches)
    optimizer.zero_grad()
    running_loss = 0.0
    for x, y in batches:
        logits = model(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten()) / accumulation_steps
        loss.backward()
        running_loss += loss.item()
    optimizer.step()
    optimizer.zero_grad()
    return running_loss
