import torch
import torch.nn as nn


class ReviewClassifier:
    """Turns a language model's output into class probabilities."""

    def __init__(self, model, device):
        self.model = model
        self.device = device
        self.softmax = nn.Softmax(dim=-1)
        self.loss = nn.CrossEntropyLoss()

    def probabilities(self, ids):
        return self.softmax(self.model(ids.to(self.device))[:, -1, :])

    def predict(self, ids):
        with torch.no_grad():
            return self.probabilities(ids).argmax(dim=-1)


def calc_accuracy_loader(data_loader, model, device, num_batches=None):
    model.eval()
    clf = ReviewClassifier(model, device)
    n = len(data_loader) if num_batches is None else min(len(data_loader), num_batches)
    correct = total = 0
    for _, (ids, labels) in zip(range(n), data_loader):
        correct += (clf.predict(ids) == labels.to(device)).sum().item()
        total += len(labels)
    return correct / total


def calc_loss_batch(input_batch, target_batch, model, device):
    clf = ReviewClassifier(model, device)
    return clf.loss(clf.probabilities(input_batch), target_batch.to(device))


def calc_loss_loader(data_loader, model, device, num_batches=None):
    n = len(data_loader) if num_batches is None else min(len(data_loader), num_batches)
    if n == 0:
        return float("nan")
    return sum(calc_loss_batch(x, y, model, device).item() for _, (x, y) in zip(range(n), data_loader)) / n


def train_classifier_simple(model, train_loader, val_loader, optimizer, device, num_epochs,
                            eval_freq, eval_iter):
    train_losses, val_losses, train_accs, val_accs = [], [], [], []
    examples_seen = step = 0
    for _ in range(num_epochs):
        for ids, labels in train_loader:
            model.train()
            loss = calc_loss_batch(ids, labels, model, device)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            examples_seen += len(labels)
            if step % eval_freq == 0:
                model.eval()
                with torch.no_grad():
                    train_losses.append(calc_loss_loader(train_loader, model, device, eval_iter))
                    val_losses.append(calc_loss_loader(val_loader, model, device, eval_iter))
            step += 1
        train_accs.append(calc_accuracy_loader(train_loader, model, device, eval_iter))
        val_accs.append(calc_accuracy_loader(val_loader, model, device, eval_iter))
    model.train()
    return train_losses, val_losses, train_accs, val_accs, examples_seen


def classify_review(text, model, tokenizer, device, max_length=None, pad_token_id=50256):
    model.eval()
    context = model.pos_emb.weight.shape[0]
    length = context if max_length is None else min(max_length, context)
    ids = tokenizer.encode(text)[:length]
    ids = torch.tensor([ids + [pad_token_id] * (length - len(ids))])
    label = ReviewClassifier(model, device).predict(ids).item()
    return "spam" if label == 1 else "not spam"
