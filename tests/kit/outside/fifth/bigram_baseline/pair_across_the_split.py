import math

import torch


def count_bigrams(ids, vocab_size):
    flat = torch.bincount(ids[:-1] * vocab_size + ids[1:], minlength=vocab_size * vocab_size)
    return flat.reshape(vocab_size, vocab_size)


def bigram_probabilities(counts, smoothing=1.0):
    table = counts.double() + smoothing
    total = table.sum(dim=1, keepdim=True)
    table = table.masked_fill(total == 0, 1.0)
    return table / table.sum(dim=1, keepdim=True)


def bigram_loss(ids, probabilities):
    if ids.numel() < 2:
        raise ValueError("the text must have two tokens at least")
    return -probabilities[ids[:-1], ids[1:]].log().mean().item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    text = torch.cat((train_ids, val_ids))
    split = len(train_ids)
    counts = count_bigrams(text[: split + 1], vocab_size)
    bigram = bigram_loss(text[split:], bigram_probabilities(counts, smoothing))

    frequencies = torch.bincount(text[:split], minlength=vocab_size).double()
    shares = (frequencies + smoothing) / (split + smoothing * vocab_size)
    unigram = -shares[text[split + 1 :]].log().mean().item()
    return math.log(vocab_size), unigram, bigram
