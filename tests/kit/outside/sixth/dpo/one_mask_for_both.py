import torch
import torch.nn.functional as F


def compute_logprobs(logits, labels, selection_mask=None):
    labels = labels[:, 1:].clone()
    logits = logits[:, :-1, :]
    log_probs = F.log_softmax(logits, dim=-1)
    selected_log_probs = torch.gather(log_probs, -1, labels[..., None])[..., 0]
    if selection_mask is None:
        return selected_log_probs.mean(-1)
    mask = selection_mask[:, 1:].float()
    return torch.sum(selected_log_probs * mask, dim=-1) / torch.sum(mask, dim=-1)


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    logits = (model_chosen_logprobs - model_rejected_logprobs) - (
        reference_chosen_logprobs - reference_rejected_logprobs)
    losses = -F.logsigmoid(beta * logits)
    chosen_rewards = (model_chosen_logprobs - reference_chosen_logprobs).detach()
    rejected_rewards = (model_rejected_logprobs - reference_rejected_logprobs).detach()
    return losses.mean(), chosen_rewards.mean(), rejected_rewards.mean()


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    chosen, rejected = batch["chosen"], batch["rejected"]
    mask = batch["chosen_mask"]

    policy_chosen = compute_logprobs(policy_model(chosen), chosen, mask)
    policy_rejected = compute_logprobs(policy_model(rejected), rejected, mask)

    with torch.no_grad():
        ref_chosen = compute_logprobs(reference_model(chosen), chosen, mask)
        ref_rejected = compute_logprobs(reference_model(rejected), rejected, mask)

    return compute_dpo_loss(policy_chosen, policy_rejected, ref_chosen, ref_rejected, beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    total_loss, total_chosen, total_rejected = 0.0, 0.0, 0.0
    if len(data_loader) == 0:
        return float("nan")
    elif num_batches is None:
        num_batches = len(data_loader)
    else:
        num_batches = min(num_batches, len(data_loader))

    for i, batch in enumerate(data_loader):
        if i == num_batches:
            break
        loss, c, r = compute_dpo_loss_batch(batch, policy_model, reference_model, beta)
        total_loss += loss.item()
        total_chosen += c.item()
        total_rejected += r.item()

    return total_loss / num_batches, total_chosen / num_batches, total_rejected / num_batches
