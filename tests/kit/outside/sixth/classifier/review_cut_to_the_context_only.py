import torch


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    correct_predictions = 0
    num_examples = 0
    batches_done = 0
    for input_batch, target_batch in data_loader:
        if num_batches is not None and batches_done == num_batches:
            break
        input_batch = input_batch.to(device)
        target_batch = target_batch.to(device)
        with torch.no_grad():
            logits = model(input_batch)
        for row, target in zip(logits, target_batch):
            if row[-1].argmax().item() == target.item():
                correct_predictions += 1
            num_examples += 1
        batches_done += 1
    return correct_predictions / num_examples


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch = input_batch.to(device)
    target_batch = target_batch.to(device)
    logits = model(input_batch)[:, -1, :]
    loss = torch.nn.functional.cross_entropy(logits, target_batch)
    return loss


def calc_loss_loader(data_loader, model, device, num_batches=None):
    total_loss = 0.0
    batches_done = 0
    for input_batch, target_batch in data_loader:
        if num_batches is not None and batches_done == num_batches:
            break
        total_loss += calc_loss_batch(input_batch, target_batch, model, device).item()
        batches_done += 1
    if batches_done == 0:
        return float("nan")
    return total_loss / batches_done


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    train_losses = []
    val_losses = []
    train_accs = []
    val_accs = []
    examples_seen = 0
    global_step = 0
    for epoch in range(num_epochs):
        model.train()
        for input_batch, target_batch in train_loader:
            # 1. step
            optimizer.zero_grad()
            loss = calc_loss_batch(input_batch, target_batch, model, device)
            loss.backward()
            optimizer.step()
            examples_seen += len(input_batch)
            # 2. evaluation
            if global_step % eval_freq == 0:
                model.eval()
                with torch.no_grad():
                    train_losses.append(calc_loss_loader(train_loader, model, device, eval_iter))
                    val_losses.append(calc_loss_loader(val_loader, model, device, eval_iter))
                model.train()
            global_step += 1
        # 3. accuracy
        train_accs.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        val_accs.append(calc_accuracy_loader(val_loader, model, device, eval_iter))
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    input_ids = tokenizer.encode(text)

    # the model cannot read more than this
    context_length = model.pos_emb.weight.shape[0]
    input_ids = input_ids[:context_length]

    if max_length is None:
        max_length = context_length
    number_of_pads = max_length - len(input_ids)
    input_ids = input_ids + [pad_token_id] * number_of_pads

    input_tensor = torch.tensor(input_ids).unsqueeze(0).to(device)
    with torch.no_grad():
        logits = model(input_tensor)[:, -1, :]
    predicted_label = torch.argmax(logits, dim=-1).item()
    if predicted_label == 1:
        return "spam"
    else:
        return "not spam"
