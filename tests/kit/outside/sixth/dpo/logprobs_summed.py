"""Direct preference optimization, after Rafailov et al. (2023)."""
import torch
from torch.nn.functional import log_softmax, logsigmoid


def compute_logprobs(logits, labels, selection_mask=None):
    """log pi(y | x): the log-probability of the whole answer."""
    next_tokens = labels[:, 1:]
    logp = log_softmax(logits[:, :-1], dim=-1)
    token_logp = logp.gather(2, next_tokens[..., None])[..., 0]
    if selection_mask is not None:
        token_logp = token_logp * selection_mask[:, 1:]
    return token_logp.sum(dim=-1)


def compute_dpo_loss(
    model_chosen_logprobs,
    model_rejected_logprobs,
    reference_chosen_logprobs,
    reference_rejected_logprobs,
    beta=0.1,
):
    chosen = model_chosen_logprobs - reference_chosen_logprobs
    rejected = model_rejected_logprobs - reference_rejected_logprobs
    loss = -logsigmoid(beta * (chosen - rejected)).mean()
    return loss, beta * chosen.detach().mean(), beta * rejected.detach().mean()


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    def logprobs(model, kind):
        return compute_logprobs(model(batch[kind]), batch[kind], batch[kind + "_mask"])

    with torch.no_grad():
        reference = [logprobs(reference_model, kind) for kind in ("chosen", "rejected")]
    policy = [logprobs(policy_model, kind) for kind in ("chosen", "rejected")]
    return compute_dpo_loss(*policy, *reference, beta=beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    sums = [0.0, 0.0, 0.0]
    n = 0
    for batch in data_loader:
        if n == num_batches:
            break
        values = compute_dpo_loss_batch(batch, policy_model, reference_model, beta)
        sums = [s + v.item() for s, v in zip(sums, values)]
        n += 1
    return tuple(s / n for s in sums)
