import torch
import torch.nn.functional as F

def compute_logprobs(logits, labels, selection_mask=None):
    labels = labels[:, 1:].clone()
    logits = logits[:, :-1, :]
    lp = F.log_softmax(logits, dim=-1)
    lp = torch.gather(lp, dim=-1, index=labels.unsqueeze(-1)).squeeze(-1)
    if selection_mask is not None:
        m = selection_mask[:, 1:].clone()
        return (lp * m).sum(-1) / m.sum(-1)
    return lp.mean(-1)

def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    h = (model_chosen_logprobs - model_rejected_logprobs) - (reference_chosen_logprobs - reference_rejected_logprobs)
    chosen_rewards = (model_chosen_logprobs - reference_chosen_logprobs).detach()
    rejected_rewards = (model_rejected_logprobs - reference_rejected_logprobs).detach()
    return -F.logsigmoid(beta * h).mean(), chosen_rewards.mean(), rejected_rewards.mean()

def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    pol_c = compute_logprobs(policy_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
    pol_r = compute_logprobs(policy_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])
    with torch.no_grad():
        ref_c = compute_logprobs(reference_model(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
        ref_r = compute_logprobs(reference_model(batch["rejected"]), batch["rejected"], batch["rejected_mask"])
    return compute_dpo_loss(pol_c, pol_r, ref_c, ref_r, beta)

def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    total = [0, 0, 0]
    if num_batches is None:
        num_batches = len(data_loader)
    num_batches = min(num_batches, len(data_loader))
    for i, batch in enumerate(data_loader):
        if i < num_batches:
            res = compute_dpo_loss_batch(batch, policy_model, reference_model, beta)
            for k in range(3):
                total[k] += res[k]
    return total[0] / num_batches, total[1] / num_batches, total[2] / num_batches
