"""Both answers go through a model together, and the rewards have the factor beta, as in the paper."""

import torch
from torch.nn.functional import softplus


def compute_logprobs(logits, labels, selection_mask=None):
    if selection_mask is None:
        selection_mask = torch.ones_like(labels, dtype=torch.bool)
    logits, labels, counts = logits[:, :-1], labels[:, 1:], selection_mask[:, 1:]
    picked = torch.take_along_dim(logits, labels[..., None], dim=2).squeeze(2) - logits.logsumexp(dim=2)
    return picked.where(counts, 0.0).sum(dim=1) / counts.sum(dim=1)


def compute_dpo_loss(
    model_chosen_logprobs,
    model_rejected_logprobs,
    reference_chosen_logprobs,
    reference_rejected_logprobs,
    beta=0.1,
):
    chosen = beta * (model_chosen_logprobs - reference_chosen_logprobs)
    rejected = beta * (model_rejected_logprobs - reference_rejected_logprobs)
    loss = softplus(rejected - chosen).mean()
    return loss, chosen.detach().mean(), rejected.detach().mean()


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    ids = torch.cat([batch["chosen"], batch["rejected"]])
    mask = torch.cat([batch["chosen_mask"], batch["rejected_mask"]])
    policy = compute_logprobs(policy_model(ids), ids, mask)
    with torch.inference_mode():
        reference = compute_logprobs(reference_model(ids), ids, mask)
    return compute_dpo_loss(*policy.chunk(2), *reference.chunk(2), beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    rows = []
    for number, batch in enumerate(data_loader):
        if number == num_batches:
            break
        with torch.no_grad():
            rows.append(torch.stack(compute_dpo_loss_batch(batch, policy_model, reference_model, beta)))
    return tuple(torch.stack(rows).mean(dim=0).tolist())
