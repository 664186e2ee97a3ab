import torch


@torch.no_grad()
def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    if num_batches is None:
        num_batches = len(data_loader)
    num_batches = min(num_batches, len(data_loader))

    correct = 0
    total = 0
    for i, (input_batch, target_batch) in enumerate(data_loader):
        if i >= num_batches:
            break
        input_batch = input_batch.to(device)
        target_batch = target_batch.to(device)
        logits = model(input_batch)
        logits = logits[:, -1, :]
        predicted = torch.argmax(logits, dim=-1)
        correct += torch.sum(predicted == target_batch).item()
        total += target_batch.size(0)
    return correct / total


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch = input_batch.to(device)
    target_batch = target_batch.to(device)
    logits = model(input_batch)[:, -1, :]
    return torch.nn.functional.cross_entropy(logits, target_batch)


def calc_loss_loader(data_loader, model, device, num_batches=None):
    if num_batches is None:
        num_batches = len(data_loader)
    num_batches = min(num_batches, len(data_loader))
    if num_batches == 0:
        return float("nan")

    total_loss = 0.0
    for i, (input_batch, target_batch) in enumerate(data_loader):
        if i >= num_batches:
            break
        total_loss += calc_loss_batch(input_batch, target_batch, model, device).item()
    return total_loss / num_batches


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, eval_iter)
    model.train()
    return train_loss, val_loss


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    history = {"train_loss": [], "val_loss": [], "train_acc": [], "val_acc": []}
    examples_seen = 0
    step = 0
    for epoch in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            examples_seen += input_batch.size(0)

            if step % eval_freq == 0:
                train_loss, val_loss = evaluate_model(model, train_loader, val_loader, device, eval_iter)
                history["train_loss"].append(train_loss)
                history["val_loss"].append(val_loss)
            step += 1

        history["train_acc"].append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        history["val_acc"].append(calc_accuracy_loader(val_loader, model, device, eval_iter))

    return (history["train_loss"], history["val_loss"], history["train_acc"], history["val_acc"],
            examples_seen)


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    supported = model.pos_emb.weight.shape[0]
    if max_length is None or max_length > supported:
        max_length = supported
    ids = tokenizer.encode(text)
    ids = ids[:max_length]
    while len(ids) < max_length:
        ids.append(pad_token_id)
    with torch.no_grad():
        logits = model(torch.tensor([ids]).to(device))[0, -1]
    if torch.argmax(logits).item() == 1:
        return "spam"
    return "not spam"
