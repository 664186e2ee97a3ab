"""Each pair is one number, first times vocabulary plus second, and bincount counts those numbers."""

import torch


def count_bigrams(ids, vocab_size):
    numbers = ids[:-1] * vocab_size + ids[1:]
    return torch.bincount(numbers, minlength=vocab_size * vocab_size).reshape(vocab_size, vocab_size)


def bigram_probabilities(counts, smoothing=1.0):
    weights = counts.double().add(smoothing)
    weights[weights.sum(dim=-1) == 0] = 1.0
    return weights.div(weights.sum(dim=-1, keepdim=True))


def bigram_loss(ids, probabilities):
    assert ids.numel() >= 2, "no pairs"
    flat = probabilities.reshape(-1)
    return -torch.log(flat.take(ids[:-1] * len(probabilities) + ids[1:])).mean().item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    single = torch.bincount(train_ids, minlength=vocab_size).double() + smoothing
    unigram = torch.log(single.sum()) - torch.log(single)
    pairs = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return (
        torch.tensor(float(vocab_size), dtype=torch.float64).log().item(),
        unigram[val_ids[1:]].mean().item(),
        bigram_loss(val_ids, pairs),
    )
