import torch
from torch.nn.functional import logsigmoid

def compute_logprobs(logits, labels, selection_mask=None):
    z, y = logits[:, :-1], labels[:, 1:, None]
    lp = (z.gather(-1, y) - z.logsumexp(-1, keepdim=True)).squeeze(-1)
    m = torch.ones_like(lp) if selection_mask is None else selection_mask[:, 1:].to(lp)
    return (lp * (m / m.sum(-1, keepdim=True))).sum(-1)

def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    c = model_chosen_logprobs - reference_chosen_logprobs
    r = model_rejected_logprobs - reference_rejected_logprobs
    return -logsigmoid(beta * (c - r)).mean(), c.mean().detach(), r.mean().detach()

def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    lp = [compute_logprobs(f(batch[k]), batch[k], batch[k + "_mask"])
          for f in (policy_model, lambda ids: reference_model(ids).detach()) for k in ("chosen", "rejected")]
    return compute_dpo_loss(*lp, beta)

def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    n, s = 0, torch.zeros(3, dtype=torch.float64)
    for n, batch in enumerate(data_loader, 1):
        s += torch.stack(compute_dpo_loss_batch(batch, policy_model, reference_model, beta)).detach().double().cpu()
        if n == num_batches: break
    return tuple((s / n).tolist())
