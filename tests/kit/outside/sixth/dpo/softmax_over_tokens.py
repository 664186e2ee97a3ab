import torch

def compute_logprobs(logits, labels, selection_mask=None):
    labels = labels[:, 1:]
    logits = logits[:, :-1, :]
    lp = torch.log_softmax(logits, 1)
    lp = torch.gather(lp, 2, labels.unsqueeze(2)).squeeze(2)
    if selection_mask is None:
        return lp.mean(1)
    m = selection_mask[:, 1:]
    return (lp * m).sum(1) / m.sum(1)

def compute_dpo_loss(model_chosen_logprobs, model_rejected_logprobs, reference_chosen_logprobs, reference_rejected_logprobs, beta=0.1):
    a = model_chosen_logprobs - model_rejected_logprobs
    b = reference_chosen_logprobs - reference_rejected_logprobs
    loss = -torch.nn.functional.logsigmoid(beta * (a - b))
    r1 = (model_chosen_logprobs - reference_chosen_logprobs).detach()
    r2 = (model_rejected_logprobs - reference_rejected_logprobs).detach()
    return loss.mean(), r1.mean(), r2.mean()

def compute_dpo_loss_batch(batch, policy_model, reference_model, beta):
    c, cm = batch["chosen"], batch["chosen_mask"]
    r, rm = batch["rejected"], batch["rejected_mask"]
    pc = compute_logprobs(policy_model(c), c, cm)
    pr = compute_logprobs(policy_model(r), r, rm)
    with torch.no_grad():
        rc = compute_logprobs(reference_model(c), c, cm)
        rr = compute_logprobs(reference_model(r), r, rm)
    return compute_dpo_loss(pc, pr, rc, rr, beta)

def compute_dpo_loss_loader(data_loader, policy_model, reference_model, beta, num_batches=None):
    L, C, R = [], [], []
    for i, batch in enumerate(data_loader):
        if num_batches is not None and i >= num_batches:
            break
        l, c, r = compute_dpo_loss_batch(batch, policy_model, reference_model, beta)
        L.append(l.item()); C.append(c.item()); R.append(r.item())
    return sum(L) / len(L), sum(C) / len(C), sum(R) / len(R)
