import torch
import torch.nn.functional as F


def compute_logprobs(logits, labels, selection_mask=None):
    labels = labels[:, 1:]
    logits = logits[:, :-1]
    logprobs = logits - torch.logsumexp(logits, dim=-1, keepdim=True)
    logprobs = logprobs.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
    if selection_mask is not None:
        selection_mask = selection_mask[:, 1:]
        return (logprobs * selection_mask).sum(dim=-1) / selection_mask.sum(dim=-1)
    return logprobs.mean(dim=-1)


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    chosen_rewards = model_chosen_logprobs - reference_chosen_logprobs
    rejected_rewards = model_rejected_logprobs - reference_rejected_logprobs
    losses = -F.logsigmoid(beta * (chosen_rewards - rejected_rewards))
    return losses.mean(), chosen_rewards.detach().mean(), rejected_rewards.detach().mean()


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    def run(model, which):
        return compute_logprobs(model(batch[which]), batch[which], batch[which + "_mask"])

    with torch.no_grad():
        reference_chosen = run(reference_model, "chosen")
        reference_rejected = run(reference_model, "rejected")
    return compute_dpo_loss(run(policy_model, "chosen"), run(policy_model, "rejected"),
                            reference_chosen, reference_rejected, beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    total_loss = 0.0
    total_chosen = 0.0
    total_rejected = 0.0
    if num_batches is None:
        num_batches = len(data_loader)
    for i, batch in enumerate(data_loader):
        if i >= num_batches:
            break
        loss, chosen, rejected = compute_dpo_loss_batch(batch, policy_model, reference_model, beta)
        total_loss += loss.item()
        total_chosen += chosen.item()
        total_rejected += rejected.item()
    return total_loss / num_batches, total_chosen / num_batches, total_rejected / num_batches
