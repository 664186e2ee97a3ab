"""With torch's losses: cross-entropy ignores what isn't selected, and the preference is a binary classification."""

import torch
from torch import nn
from torch.nn import functional as F


def compute_logprobs(logits, labels, selection_mask=None):
    targets = labels if selection_mask is None else labels.masked_fill(~selection_mask, -100)
    targets = targets[:, 1:]
    losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), targets, ignore_index=-100, reduction="none")
    return -losses.sum(dim=1) / (targets != -100).sum(dim=1)


def compute_dpo_loss(
    model_chosen_logprobs,
    model_rejected_logprobs,
    reference_chosen_logprobs,
    reference_rejected_logprobs,
    beta=0.1,
):
    chosen_logratios = model_chosen_logprobs - reference_chosen_logprobs
    rejected_logratios = model_rejected_logprobs - reference_rejected_logprobs
    margins = beta * (chosen_logratios - rejected_logratios)
    loss = nn.BCEWithLogitsLoss()(margins, torch.ones_like(margins))
    return loss, chosen_logratios.mean().detach(), rejected_logratios.mean().detach()


@torch.no_grad()
def reference_logprobs(model, ids, mask):
    return compute_logprobs(model(ids), ids, mask)


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    keys = ["chosen", "rejected"]
    policy = [compute_logprobs(policy_model(batch[key]), batch[key], batch[f"{key}_mask"]) for key in keys]
    reference = [reference_logprobs(reference_model, batch[key], batch[f"{key}_mask"]) for key in keys]
    return compute_dpo_loss(*policy, *reference, beta=beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    count = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    sums = [0.0, 0.0, 0.0]
    for batch, _ in zip(data_loader, range(count)):
        for position, value in enumerate(compute_dpo_loss_batch(batch, policy_model, reference_model, beta)):
            sums[position] += float(value)
    return sums[0] / count, sums[1] / count, sums[2] / count
