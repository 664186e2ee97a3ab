import torch
import torch.nn.functional as F


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    pi_logratios = model_chosen_logprobs - model_rejected_logprobs
    ref_logratios = reference_chosen_logprobs - reference_rejected_logprobs

    losses = -F.logsigmoid(beta * (pi_logratios - ref_logratios))
    chosen_rewards = beta * (model_chosen_logprobs - reference_chosen_logprobs).detach()
    rejected_rewards = beta * (model_rejected_logprobs - reference_rejected_logprobs).detach()

    return losses.mean(), chosen_rewards.mean(), rejected_rewards.mean()


def compute_logprobs(logits, labels, selection_mask=None):
    """The average log probabilities of the labels under the given logits, shape (batch_size,)."""
    assert logits.shape[:-1] == labels.shape

    labels = labels[:, 1:]
    logits = logits[:, :-1, :]
    if selection_mask is None:
        loss_mask = torch.ones_like(labels, dtype=torch.bool)
    else:
        loss_mask = selection_mask[:, 1:]

    # dummy token; we'll ignore the losses on these tokens later
    labels[~loss_mask] = 0

    per_token_logps = torch.gather(logits.log_softmax(-1), dim=2, index=labels.unsqueeze(2)).squeeze(2)
    return (per_token_logps * loss_mask).sum(-1) / loss_mask.sum(-1)


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    policy_chosen_logps = compute_logprobs(
        policy_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
    policy_rejected_logps = compute_logprobs(
        policy_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])
    with torch.no_grad():
        reference_chosen_logps = compute_logprobs(
            reference_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
        reference_rejected_logps = compute_logprobs(
            reference_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])

    return compute_dpo_loss(
        policy_chosen_logps, policy_rejected_logps, reference_chosen_logps, reference_rejected_logps, beta=beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    all_losses, all_chosen, all_rejected = [], [], []
    for i, batch in enumerate(data_loader):
        if num_batches is not None and i >= num_batches:
            break
        losses, chosen_rewards, rejected_rewards = compute_dpo_loss_batch(
            batch, policy_model, reference_model, beta)
        all_losses.append(losses.item())
        all_chosen.append(chosen_rewards.item())
        all_rejected.append(rejected_rewards.item())
    n = len(all_losses)
    return sum(all_losses) / n, sum(all_chosen) / n, sum(all_rejected) / n
