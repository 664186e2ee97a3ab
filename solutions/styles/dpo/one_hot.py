"""With tables in place of lookups: one-hot labels, a matrix product with weights, and the loss by stable pieces."""

import itertools
import statistics

import torch


def compute_logprobs(logits, labels, selection_mask=None):
    vocab = logits.size(-1)
    came = torch.eye(vocab, dtype=logits.dtype)[labels[:, 1:]]
    shifted = logits - logits.amax(dim=-1, keepdim=True).detach()
    logs = (shifted - shifted.exp().sum(-1, keepdim=True).log())[:, :-1]
    keep = torch.ones_like(labels) if selection_mask is None else selection_mask
    weights = keep[:, 1:].to(logits.dtype)
    weights = weights / weights.sum(dim=1, keepdim=True)
    return torch.einsum("btv,btv,bt->b", logs, came, weights)


def compute_dpo_loss(
    model_chosen_logprobs,
    model_rejected_logprobs,
    reference_chosen_logprobs,
    reference_rejected_logprobs,
    beta=0.1,
):
    policy = torch.stack([model_chosen_logprobs, model_rejected_logprobs])
    reference = torch.stack([reference_chosen_logprobs, reference_rejected_logprobs]).detach()
    changes = policy - reference
    scores = beta * changes
    # A choice between two answers: the first one is the right one.
    loss = -torch.log_softmax(scores, dim=0)[0].mean()
    rewards = scores.detach().mean(dim=1)
    return loss, rewards[0], rewards[1]


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta=0.1):
    def both(model):
        for name in ("chosen", "rejected"):
            ids = batch[name]
            yield compute_logprobs(model(ids), ids, batch[name + "_mask"])

    return compute_dpo_loss(*both(policy_model), *(part.detach() for part in both(reference_model)), beta=beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    replies = [
        [float(part) for part in compute_dpo_loss_batch(batch, policy_model, reference_model, beta)]
        for batch in itertools.islice(data_loader, num_batches)
    ]
    return tuple(statistics.fmean(column) for column in zip(*replies))
