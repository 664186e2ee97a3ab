import torch
import torch.nn.functional as F


def compute_logprobs(logits, labels, selection_mask=None):
    """Average log-probability of the labels, one number for each sequence."""

    # token t is predicted from the positions before it
    labels = labels[:, 1:]
    logits = logits[:, :-1, :]

    probas = torch.softmax(logits, dim=-1)
    batch_idx = torch.arange(labels.shape[0], device=labels.device).unsqueeze(1)
    token_idx = torch.arange(labels.shape[1], device=labels.device).unsqueeze(0)
    target_probas = probas[batch_idx, token_idx, labels]
    log_probas = torch.log(target_probas)

    if selection_mask is None:
        return log_probas.mean(dim=1)

    mask = selection_mask[:, 1:]
    log_probas = log_probas.masked_fill(~mask, 0.0)
    return log_probas.sum(dim=1) / mask.sum(dim=1)


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    policy_ratio = model_chosen_logprobs - model_rejected_logprobs
    reference_ratio = reference_chosen_logprobs - reference_rejected_logprobs
    losses = -F.logsigmoid(beta * (policy_ratio - reference_ratio))

    chosen_rewards = (model_chosen_logprobs - reference_chosen_logprobs).detach().mean()
    rejected_rewards = (model_rejected_logprobs - reference_rejected_logprobs).detach().mean()
    return losses.mean(), chosen_rewards, rejected_rewards


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    model_chosen = compute_logprobs(policy_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
    model_rejected = compute_logprobs(policy_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])

    with torch.no_grad():
        reference_chosen = compute_logprobs(
            reference_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
        reference_rejected = compute_logprobs(
            reference_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])

    return compute_dpo_loss(model_chosen, model_rejected, reference_chosen, reference_rejected, beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    if num_batches is None:
        num_batches = len(data_loader)
    num_batches = min(num_batches, len(data_loader))

    loss_sum = 0.0
    chosen_sum = 0.0
    rejected_sum = 0.0
    batches = iter(data_loader)
    for _ in range(num_batches):
        loss, chosen, rejected = compute_dpo_loss_batch(next(batches), policy_model, reference_model, beta)
        loss_sum += loss.item()
        chosen_sum += chosen.item()
        rejected_sum += rejected.item()

    return loss_sum / num_batches, chosen_sum / num_batches, rejected_sum / num_batches
