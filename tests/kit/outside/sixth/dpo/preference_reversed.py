import torch
import torch.nn.functional as F


def compute_logprobs(logits, labels, selection_mask=None):
    out = []
    for b in range(labels.shape[0]):
        logp = F.log_softmax(logits[b, :-1], dim=-1)
        chosen = logp[torch.arange(labels.shape[1] - 1), labels[b, 1:]]
        if selection_mask is not None:
            chosen = chosen[selection_mask[b, 1:]]
        out.append(chosen.mean())
    return torch.stack(out)


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    model_logratios = model_chosen_logprobs - model_rejected_logprobs
    reference_logratios = reference_chosen_logprobs - reference_rejected_logprobs

    # distance between the two models
    difference = reference_logratios - model_logratios
    loss = -F.logsigmoid(beta * difference).mean()

    chosen_rewards = (model_chosen_logprobs - reference_chosen_logprobs).mean().detach()
    rejected_rewards = (model_rejected_logprobs - reference_rejected_logprobs).mean().detach()
    return loss, chosen_rewards, rejected_rewards


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    policy_chosen_log_probas = compute_logprobs(
        policy_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
    policy_rejected_log_probas = compute_logprobs(
        policy_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])

    with torch.no_grad():
        ref_chosen_log_probas = compute_logprobs(
            reference_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
        ref_rejected_log_probas = compute_logprobs(
            reference_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])

    return compute_dpo_loss(policy_chosen_log_probas, policy_rejected_log_probas,
                            ref_chosen_log_probas, ref_rejected_log_probas, beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    limit = len(data_loader)
    if num_batches is not None and num_batches < limit:
        limit = num_batches

    total_loss = 0.0
    total_chosen = 0.0
    total_rejected = 0.0
    count = 0
    for batch in data_loader:
        if count == limit:
            break
        loss, chosen, rejected = compute_dpo_loss_batch(batch, policy_model, reference_model, beta)
        total_loss = total_loss + loss.item()
        total_chosen = total_chosen + chosen.item()
        total_rejected = total_rejected + rejected.item()
        count = count + 1

    return total_loss / count, total_chosen / count, total_rejected / count
