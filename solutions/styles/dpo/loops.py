"""Loops over texts and tokens, with the formula as one reads it, and rewards that are floats."""

import torch


def compute_logprobs(logits, labels, selection_mask=None):
    means = []
    for row in range(labels.shape[0]):
        total, count = 0, 0
        for position in range(1, labels.shape[1]):
            if selection_mask is not None and not selection_mask[row, position]:
                continue
            before = logits[row, position - 1]
            total = total + before[labels[row, position]] - torch.logsumexp(before, dim=0)
            count += 1
        means.append(total / count)
    return torch.stack(means)


def compute_dpo_loss(
    model_chosen_logprobs,
    model_rejected_logprobs,
    reference_chosen_logprobs,
    reference_rejected_logprobs,
    beta=0.1,
):
    losses, chosen_rewards, rejected_rewards = [], [], []
    for pc, pr, rc, rr in zip(
        model_chosen_logprobs, model_rejected_logprobs, reference_chosen_logprobs, reference_rejected_logprobs
    ):
        margin = beta * ((pc - pr) - (rc - rr))
        losses.append(torch.logaddexp(torch.zeros_like(margin), -margin))
        chosen_rewards.append((pc - rc).item())
        rejected_rewards.append((pr - rr).item())
    n = len(losses)
    return sum(losses) / n, sum(chosen_rewards) / n, sum(rejected_rewards) / n


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    results = []
    for model in (policy_model, reference_model):
        for answer in ("chosen", "rejected"):
            logprobs = compute_logprobs(model(batch[answer]), batch[answer], batch[answer + "_mask"])
            results.append(logprobs if model is policy_model else logprobs.detach())
    return compute_dpo_loss(*results, beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    losses, chosen, rejected = [], [], []
    for batch in data_loader:
        if num_batches is not None and len(losses) >= num_batches:
            break
        loss, chosen_reward, rejected_reward = compute_dpo_loss_batch(batch, policy_model, reference_model, beta)
        losses.append(loss.item())
        chosen.append(chosen_reward)
        rejected.append(rejected_reward)
    return sum(losses) / len(losses), sum(chosen) / len(chosen), sum(rejected) / len(rejected)
