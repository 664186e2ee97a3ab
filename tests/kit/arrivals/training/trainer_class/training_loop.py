import torch


def calc_loss_batch(input_batch, target_batch, model, device):
    input_batch, target_batch = input_batch.to(device), target_batch.to(device)
    logits = model(input_batch)
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), target_batch.flatten())


def calc_loss_loader(data_loader, model, device, num_batches=None):
    count = len(data_loader) if num_batches is None else min(num_batches, len(data_loader))
    if count == 0:
        return float("nan")
    losses = []
    for x, y in data_loader:
        if len(losses) == count:
            break
        losses.append(calc_loss_batch(x, y, model, device).item())
    return sum(losses) / count


def evaluate_model(model, train_loader, val_loader, device, eval_iter):
    model.eval()
    with torch.no_grad():
        train_loss = calc_loss_loader(train_loader, model, device, num_batches=eval_iter)
        val_loss = calc_loss_loader(val_loader, model, device, num_batches=eval_iter)
    model.train()
    return train_loss, val_loss


class Trainer:
    def __init__(self, model, optimizer, device, tokenizer, start_context):
        self.model, self.optimizer, self.device = model, optimizer, device
        self.tokenizer, self.prompt = tokenizer, start_context
        self.records = ([], [], [])

    def epoch(self, train_loader, val_loader, first, eval_freq, eval_iter):
        self.model.train()
        for step, (x, y) in enumerate(train_loader, first):
            self.optimizer.zero_grad()
            calc_loss_batch(x, y, self.model, self.device).backward()
            self.optimizer.step()
            self.seen += x.numel()
            if step % eval_freq == 0:
                losses = evaluate_model(self.model, train_loader, val_loader, self.device, eval_iter)
                for record, value in zip(self.records, (*losses, self.seen)):
                    record.append(value)
        self.show(self.tokenizer)

    def show(self, tok):
        self.model.eval()
        print(tok.decode(self.model.generate(tok.encode(self.prompt))))
        self.model.train()


def train_model_simple(
    model, train_loader, val_loader, optimizer, device, num_epochs, eval_freq, eval_iter, start_context, tokenizer
):
    trainer = Trainer(model, optimizer, device, tokenizer, start_context)
    trainer.seen = 0
    for number in range(num_epochs):
        trainer.epoch(train_loader, val_loader, number * len(train_loader), eval_freq, eval_iter)
    return trainer.records[0], trainer.records[1], trainer.records[2]
