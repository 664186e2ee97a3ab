import torch
import torch.nn.functional as F


def compute_logprobs(logits, labels, selection_mask=None):
    labels = labels[:, 1:].clone()
    logits = logits[:, :-1, :]
    selected_log_probs = torch.gather(
        F.log_softmax(logits, dim=-1), dim=-1, index=labels.unsqueeze(-1)
    ).squeeze(-1)

    if selection_mask is None:
        return selected_log_probs.mean(-1)

    mask = selection_mask[:, 1:].clone()
    return (selected_log_probs * mask).sum(-1) / mask.sum(-1)


def compute_dpo_loss(
    model_chosen_logprobs,
    model_rejected_logprobs,
    reference_chosen_logprobs,
    reference_rejected_logprobs,
    beta=0.1,
):
    chosen_rewards = (model_chosen_logprobs - reference_chosen_logprobs).mean()
    rejected_rewards = (model_rejected_logprobs - reference_rejected_logprobs).mean()
    loss = -F.logsigmoid(beta * (chosen_rewards - rejected_rewards))
    return loss, chosen_rewards.detach(), rejected_rewards.detach()


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    policy_chosen_log_probas = compute_logprobs(
        logits=policy_model(batch["chosen"]),
        labels=batch["chosen"],
        selection_mask=batch["chosen_mask"],
    )
    policy_rejected_log_probas = compute_logprobs(
        logits=policy_model(batch["rejected"]),
        labels=batch["rejected"],
        selection_mask=batch["rejected_mask"],
    )
    with torch.no_grad():
        ref_chosen_log_probas = compute_logprobs(
            logits=reference_model(batch["chosen"]),
            labels=batch["chosen"],
            selection_mask=batch["chosen_mask"],
        )
        ref_rejected_log_probas = compute_logprobs(
            logits=reference_model(batch["rejected"]),
            labels=batch["rejected"],
            selection_mask=batch["rejected_mask"],
        )
    return compute_dpo_loss(
        policy_chosen_log_probas, policy_rejected_log_probas,
        ref_chosen_log_probas, ref_rejected_log_probas, beta=beta,
    )


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    total_loss, total_chosen_rewards, total_rejected_rewards = 0., 0., 0.
    num_batches = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if num_batches == 0:
        return (float("nan"),) * 3
    for i, batch in enumerate(data_loader):
        if i == num_batches:
            break
        loss, chosen_rewards, rejected_rewards = compute_dpo_loss_batch(
            batch, policy_model, reference_model, beta)
        total_loss += loss.item()
        total_chosen_rewards += chosen_rewards.item()
        total_rejected_rewards += rejected_rewards.item()
    return (total_loss / num_batches,
            total_chosen_rewards / num_batches,
            total_rejected_rewards / num_batches)
