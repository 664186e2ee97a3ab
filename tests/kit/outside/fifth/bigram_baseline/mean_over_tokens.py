import math
import torch

def count_bigrams(ids, vocab_size):
    index = torch.stack((ids[:-1], ids[1:]))
    return torch.zeros(vocab_size, vocab_size, dtype=torch.int64).index_put(tuple(index), torch.tensor(1), accumulate=True)

def bigram_probabilities(counts, smoothing=1.0):
    smoothed = counts.double() + smoothing
    smoothed[smoothed.sum(1) == 0] = 1
    return torch.nn.functional.normalize(smoothed, p=1.0, dim=1)

def bigram_loss(ids, probabilities):
    n_tokens = ids.numel()
    if n_tokens < 2:
        raise ValueError("n_tokens must be 2 or more")
    nll = -probabilities[ids[:-1], ids[1:]].log().sum()
    return nll.item() / n_tokens

def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    freq = torch.bincount(train_ids, minlength=vocab_size).double()
    probs = (freq + smoothing) / (train_ids.numel() + smoothing * vocab_size)
    bi = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), -probs[val_ids[1:]].log().mean().item(), bigram_loss(val_ids, bi)
