import torch


def cross_entropy(logits, targets, ignore_index=-100):
    vocab_size = logits.shape[-1]
    all_logits = logits.reshape(-1, vocab_size)
    all_targets = targets.reshape(-1).tolist()

    total = 0
    count = 0
    for i in range(len(all_targets)):
        target = all_targets[i]
        count = count + 1
        if target == ignore_index:
            continue
        row = all_logits[i]
        biggest = torch.max(row)
        log_sum = biggest + torch.log(torch.sum(torch.exp(row - biggest)))
        loss = log_sum - row[target]
        total = total + loss

    return total / count


def perplexity(loss):
    return torch.exp(loss)
