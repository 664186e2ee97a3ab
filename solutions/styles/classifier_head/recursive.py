"""A dataclass says what to do, and a recursion over the children does it."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Surgery:
    num_classes: int
    opened: tuple[str, ...] = ("out_head", "final_norm")

    def head(self, old: nn.Linear) -> nn.Linear:
        head = nn.Linear(old.in_features, self.num_classes)
        torch.nn.init.xavier_uniform_(head.weight)
        return head

    def switch(self, module: nn.Module, on: bool) -> None:
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad_(on)
        for child in module.children():
            self.switch(child, on)

    def perform(self, model: nn.Module) -> nn.Module:
        setattr(model, "out_head", self.head(model.out_head))
        for name, child in model.named_children():
            match name:
                case "trf_blocks":
                    *earlier, last = child.children()
                    for block in earlier:
                        self.switch(block, False)
                    self.switch(last, True)
                case _:
                    self.switch(child, name in self.opened)
        return model


def to_classifier(model, num_classes):
    return Surgery(num_classes).perform(model)
