import torch
from torch.nn import functional as F


def compute_logprobs(logits, labels, selection_mask=None):
    logp = F.log_softmax(logits[:, :-1], -1).gather(-1, labels[:, 1:].unsqueeze(-1)).squeeze(-1)
    if selection_mask is None:
        return logp.mean(-1)
    keep = selection_mask[:, 1:]
    return (logp * keep).sum(-1) / keep.sum(-1)


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    chosen = model_chosen_logprobs - reference_chosen_logprobs
    rejected = model_rejected_logprobs - reference_rejected_logprobs
    loss = F.binary_cross_entropy_with_logits(beta * (chosen - rejected), torch.ones_like(chosen))
    return loss, chosen.detach().mean(), rejected.detach().mean()


@torch.no_grad()
def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    logprobs = [
        compute_logprobs(model(batch[key]), batch[key], batch[key + "_mask"])
        for model in (policy_model, reference_model)
        for key in ("chosen", "rejected")
    ]
    return compute_dpo_loss(*logprobs, beta=beta)


@torch.no_grad()
def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    total = [0.0] * 3
    for _, batch in zip(range(n), data_loader):
        for k, value in enumerate(compute_dpo_loss_batch(batch, policy_model, reference_model, beta)):
            total[k] += value.item()
    return total[0] / n, total[1] / n, total[2] / n
