import torch
import torch.nn.functional as F


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs,
                     beta=0.1, label_smoothing=0.1):
    pi_logratios = model_chosen_logprobs - model_rejected_logprobs
    ref_logratios = reference_chosen_logprobs - reference_rejected_logprobs
    logits = pi_logratios - ref_logratios

    # The beta is a temperature parameter for the DPO loss, typically something in the range of 0.1 to 0.5.
    # The label_smoothing parameter encodes our uncertainty about the labels.
    losses = (
        -F.logsigmoid(beta * logits) * (1 - label_smoothing)
        - F.logsigmoid(-beta * logits) * label_smoothing
    )
    chosen_rewards = beta * (model_chosen_logprobs - reference_chosen_logprobs).detach()
    rejected_rewards = beta * (model_rejected_logprobs - reference_rejected_logprobs).detach()
    return losses.mean(), chosen_rewards.mean(), rejected_rewards.mean()


def compute_logprobs(logits, labels, selection_mask=None):
    labels = labels[:, 1:].clone()
    logits = logits[:, :-1, :]
    loss_mask = torch.ones_like(labels, dtype=torch.bool) if selection_mask is None else selection_mask[:, 1:]

    # dummy token; we'll ignore the losses on these tokens later
    labels[~loss_mask] = 0

    per_token_logps = torch.gather(logits.log_softmax(-1), dim=2, index=labels.unsqueeze(2)).squeeze(2)
    return (per_token_logps * loss_mask).sum(-1) / loss_mask.sum(-1)


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    policy_chosen_logps = compute_logprobs(policy_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
    policy_rejected_logps = compute_logprobs(
        policy_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])
    with torch.no_grad():
        reference_chosen_logps = compute_logprobs(
            reference_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
        reference_rejected_logps = compute_logprobs(
            reference_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])
    return compute_dpo_loss(policy_chosen_logps, policy_rejected_logps,
                            reference_chosen_logps, reference_rejected_logps, beta=beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    metrics = {"loss": [], "rewards/chosen": [], "rewards/rejected": []}
    for step, batch in enumerate(data_loader):
        if num_batches is not None and step >= num_batches:
            break
        for key, value in zip(metrics, compute_dpo_loss_batch(batch, policy_model, reference_model, beta)):
            metrics[key].append(value.item())
    return tuple(sum(values) / len(values) for values in metrics.values())
