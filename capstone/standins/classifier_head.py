"""A stand-in for `classifier_head`: everything is frozen, and the trainable parts are thawed by their names."""

from torch import nn


def to_classifier(model: nn.Module, num_classes: int) -> nn.Module:
    model.requires_grad_(False)
    width = model.out_head.weight.shape[1]
    model.out_head = nn.Linear(width, num_classes).to(model.tok_emb.weight)
    last = max(int(name.split(".")[1]) for name, _ in model.named_parameters() if name.startswith("trf_blocks."))
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith((f"trf_blocks.{last}.", "final_norm.", "out_head."))
    return model
