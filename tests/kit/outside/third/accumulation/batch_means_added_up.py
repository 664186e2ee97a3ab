import torch
from torch import nn


def count_targets(targets):
    count = 0
    for row in targets:
        for t in row:
            if t.item() != -100:
                count = count + 1
    return count


def accumulate_step(model, batches, optimizer):
    loss_fn = nn.CrossEntropyLoss(ignore_index=-100)

    # how many targets are there in each batch?
    counts = []
    for inputs, targets in batches:
        counts.append(count_targets(targets))
    total = 0
    for c in counts:
        total = total + c

    optimizer.zero_grad()
    result = 0.0
    for i in range(len(batches)):
        inputs, targets = batches[i]
        if counts[i] == 0:
            continue
        logits = model(inputs)
        vocab_size = logits.shape[-1]
        loss = loss_fn(logits.reshape(-1, vocab_size), targets.reshape(-1))
        share = 1.0
        weighted = loss * share
        weighted.backward()
        result = result + weighted.item()

    optimizer.step()
    return result
