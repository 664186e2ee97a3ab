import torch
from torch import nn

logsigmoid = nn.LogSigmoid()


def compute_logprobs(logits, labels, selection_mask=None):
    logprobs = logits[:, :-1].log_softmax(-1)
    picked = torch.take_along_dim(logprobs, labels[:, 1:, None], dim=-1).squeeze(-1)
    weights = torch.ones_like(picked) if selection_mask is None else selection_mask[:, 1:].to(picked.dtype)
    return (picked * weights).sum(-1) / weights.sum(-1)


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    logits = model_chosen_logprobs - model_rejected_logprobs
    losses = -logsigmoid(beta * logits)
    chosen_rewards = beta * (model_chosen_logprobs - reference_chosen_logprobs).detach()
    rejected_rewards = beta * (model_rejected_logprobs - reference_rejected_logprobs).detach()
    return losses.mean(), chosen_rewards.mean(), rejected_rewards.mean()


def forward_pair(model, batch):
    return (
        compute_logprobs(model(batch["chosen"]), batch["chosen"], batch["chosen_mask"]),
        compute_logprobs(model(batch["rejected"]), batch["rejected"], batch["rejected_mask"]),
    )


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    policy_chosen, policy_rejected = forward_pair(policy_model, batch)
    with torch.no_grad():
        reference_chosen, reference_rejected = forward_pair(reference_model, batch)
    return compute_dpo_loss(policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    if len(data_loader) == 0:
        return float("nan"), float("nan"), float("nan")
    num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    loss = chosen = rejected = 0.0
    for i, batch in enumerate(data_loader):
        if i == num_batches:
            break
        l, c, r = compute_dpo_loss_batch(batch, policy_model, reference_model, beta)
        loss += l.item() / num_batches
        chosen += c.item() / num_batches
        rejected += r.item() / num_batches
    return loss, chosen, rejected
