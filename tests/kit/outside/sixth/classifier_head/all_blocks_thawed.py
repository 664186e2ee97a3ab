from __future__ import annotations

from torch import nn


def set_trainable(module: nn.Module, flag: bool) -> None:
    for parameter in module.parameters():
        parameter.requires_grad = flag


def to_classifier(model: nn.Module, num_classes: int) -> nn.Module:
    set_trainable(model, False)
    model.out_head = nn.Linear(model.out_head.in_features, num_classes)
    set_trainable(model.trf_blocks, True)
    set_trainable(model.final_norm, True)
    return model
