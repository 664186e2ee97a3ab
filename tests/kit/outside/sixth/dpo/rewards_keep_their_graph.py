import torch
import torch.nn.functional as F


def compute_logprobs(logits, labels, selection_mask=None):
    labels = labels[:, 1:]
    log_probs = F.log_softmax(logits[:, :-1, :], dim=-1)
    one_hot = F.one_hot(labels, num_classes=logits.shape[-1]).to(log_probs.dtype)
    selected_log_probs = torch.einsum("btv,btv->bt", log_probs, one_hot)
    if selection_mask is not None:
        mask = selection_mask[:, 1:]
        return torch.where(mask, selected_log_probs, 0.0).sum(-1) / mask.sum(-1)
    return selected_log_probs.mean(-1)


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    chosen_rewards = beta * (model_chosen_logprobs - reference_chosen_logprobs)
    rejected_rewards = beta * (model_rejected_logprobs - reference_rejected_logprobs)
    loss = -F.logsigmoid(chosen_rewards - rejected_rewards).mean()
    return loss, chosen_rewards.mean(), rejected_rewards.mean()


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    args = []
    for model in (policy_model, reference_model):
        for ids, mask in ((batch["chosen"], batch["chosen_mask"]), (batch["rejected"], batch["rejected_mask"])):
            if model is reference_model:
                with torch.no_grad():
                    logits = model(ids)
            else:
                logits = model(ids)
            args.append(compute_logprobs(logits, ids, mask))
    return compute_dpo_loss(*args, beta=beta)


@torch.no_grad()
def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    n = len(data_loader) if num_batches is None else min(len(data_loader), num_batches)
    rows = []
    for i, batch in enumerate(data_loader):
        if i >= n:
            break
        rows.append(torch.stack(compute_dpo_loss_batch(batch, policy_model, reference_model, beta)))
    return tuple(torch.stack(rows).mean(dim=0).tolist())
