import math, torch

def count_bigrams(ids, vocab_size):
    V = vocab_size
    return torch.bincount(V * ids[:-1] + ids[1:], minlength=V * V).view(V, V)

def bigram_probabilities(counts, smoothing=1.0):
    c = counts.double() + smoothing
    return c / c.sum(1, keepdim=True)

def bigram_loss(ids, probabilities):
    if len(ids) < 2: raise ValueError("len(ids) < 2")
    return -probabilities[ids[:-1], ids[1:]].log().mean().item()

def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    u = torch.bincount(train_ids, minlength=vocab_size).double() + smoothing
    u = (u / u.sum()).expand(vocab_size, vocab_size)
    b = bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing)
    return math.log(vocab_size), bigram_loss(val_ids, u), bigram_loss(val_ids, b)
