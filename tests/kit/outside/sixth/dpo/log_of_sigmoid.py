import torch
import torch.nn.functional as F


def compute_logprobs(logits, labels, selection_mask=None):
    labels = labels[:, 1:].clone()
    logits = logits[:, :-1, :]
    log_probs = F.log_softmax(logits, dim=-1)
    selected = torch.gather(log_probs, -1, labels.unsqueeze(-1)).squeeze(-1)
    if selection_mask is not None:
        mask = selection_mask[:, 1:].clone()
        return (selected * mask).sum(-1) / mask.sum(-1)
    else:
        return selected.mean(-1)


def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs,
                     reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    # L = -log( sigma( beta * log(pi(yw)/ref(yw)) - beta * log(pi(yl)/ref(yl)) ) )
    chosen_logratio = model_chosen_logprobs - reference_chosen_logprobs
    rejected_logratio = model_rejected_logprobs - reference_rejected_logprobs
    prob = torch.sigmoid(beta * chosen_logratio - beta * rejected_logratio)
    loss = -torch.log(prob)
    return loss.mean(), chosen_logratio.detach().mean(), rejected_logratio.detach().mean()


def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    names = ["chosen", "rejected"]
    policy = {}
    reference = {}
    for name in names:
        ids = batch[name]
        mask = batch[name + "_mask"]
        policy[name] = compute_logprobs(policy_model(ids), ids, mask)
        with torch.no_grad():
            reference[name] = compute_logprobs(reference_model(ids), ids, mask)
    return compute_dpo_loss(
        policy["chosen"], policy["rejected"], reference["chosen"], reference["rejected"], beta=beta)


def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    results = []
    for i, batch in enumerate(data_loader):
        if num_batches is not None and i == num_batches:
            break
        results.append([t.item() for t in compute_dpo_loss_batch(batch, policy_model, reference_model, beta)])
    return tuple(sum(column) / len(results) for column in zip(*results))
