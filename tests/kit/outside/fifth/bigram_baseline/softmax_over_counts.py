import math

import torch
import torch.nn.functional as F


def count_bigrams(ids, vocab_size):
    before = F.one_hot(ids[:-1], vocab_size)
    after = F.one_hot(ids[1:], vocab_size)
    return before.T @ after


def bigram_probabilities(counts, smoothing=1.0):
    logits = counts.double() + smoothing
    return F.softmax(logits, dim=-1)


def bigram_loss(ids, probabilities):
    if len(ids) < 2:
        raise ValueError("Text has no pairs")
    log_probas = torch.log(probabilities)
    inputs, targets = ids[:-1], ids[1:]
    target_log_probas = log_probas[inputs, targets]
    avg_log_probas = torch.mean(target_log_probas)
    neg_avg_log_probas = avg_log_probas * -1
    return neg_avg_log_probas.item()


def baseline_losses(train_ids, val_ids, vocab_size, smoothing=1.0):
    probas = (F.one_hot(train_ids, vocab_size).sum(0).double() + smoothing) / (
        len(train_ids) + smoothing * vocab_size
    )
    log_probas = torch.log(probas)[val_ids[1:]]
    unigram = (torch.mean(log_probas) * -1).item()
    bigram = bigram_loss(val_ids, bigram_probabilities(count_bigrams(train_ids, vocab_size), smoothing))
    return math.log(vocab_size), unigram, bigram
