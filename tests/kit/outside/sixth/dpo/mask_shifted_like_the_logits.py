import torch
import torch.nn.functional as F
from torch import Tensor


def compute_logprobs(logits: Tensor, labels: Tensor, selection_mask: Tensor | None = None) -> Tensor:
    logits, labels = logits[:, :-1], labels[:, 1:]
    batch_size, num_tokens = labels.shape
    nll = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    logprobs = -nll.view(batch_size, num_tokens)
    if selection_mask is None:
        return logprobs.mean(dim=1)
    mask = selection_mask[:, :-1].to(logprobs.dtype)
    return (logprobs * mask).sum(dim=1) / mask.sum(dim=1)


def compute_dpo_loss(model_chosen_logprobs: Tensor, model_rejected_logprobs: Tensor,
                     reference_chosen_logprobs: Tensor, reference_rejected_logprobs: Tensor,
                     beta: float = 0.1) -> tuple[Tensor, Tensor, Tensor]:
    margin = (model_chosen_logprobs - model_rejected_logprobs) \
        - (reference_chosen_logprobs - reference_rejected_logprobs)
    loss = F.softplus(-beta * margin).mean()
    with torch.no_grad():
        chosen_rewards = (model_chosen_logprobs - reference_chosen_logprobs).mean()
        rejected_rewards = (model_rejected_logprobs - reference_rejected_logprobs).mean()
    return loss, chosen_rewards, rejected_rewards


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta) -> tuple[Tensor, Tensor, Tensor]:
    logprobs = []
    for model, track in ((policy_model, True), (reference_model, False)):
        with torch.set_grad_enabled(track and torch.is_grad_enabled()):
            for key in ("chosen", "rejected"):
                logprobs.append(compute_logprobs(model(batch[key]), batch[key], batch[f"{key}_mask"]))
    return compute_dpo_loss(*logprobs, beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta,
                            num_batches: int | None = None) -> tuple[float, float, float]:
    n = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if n == 0:
        return float("nan"), float("nan"), float("nan")
    totals = torch.zeros(3, dtype=torch.float64)
    with torch.no_grad():
        for _, batch in zip(range(n), data_loader):
            totals += torch.stack(compute_dpo_loss_batch(batch, policy_model, reference_model, beta)).double().cpu()
    loss, chosen, rejected = (totals / n).tolist()
    return loss, chosen, rejected
