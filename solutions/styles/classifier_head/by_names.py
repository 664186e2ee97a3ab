"""One pass over all names decides what is trainable."""

from torch import nn


def to_classifier(model: nn.Module, num_classes: int) -> nn.Module:
    model.out_head = nn.Linear(model.out_head.weight.size(1), num_classes)
    last = len(model.trf_blocks) - 1
    opened = ("out_head.", "final_norm.", f"trf_blocks.{last}.")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(opened))
    return model
