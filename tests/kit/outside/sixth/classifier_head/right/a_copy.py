from __future__ import annotations

import copy

from torch import nn


def to_classifier(model: nn.Module, num_classes: int) -> nn.Module:
    """A classifier made from a copy; the language model can still be used."""
    classifier = copy.deepcopy(model).requires_grad_(False)
    old = classifier.out_head.weight
    classifier.out_head = nn.Linear(old.shape[1], num_classes, dtype=old.dtype, device=old.device)
    nn.init.normal_(classifier.out_head.weight, std=0.02)
    nn.init.zeros_(classifier.out_head.bias)
    for part in (classifier.trf_blocks[-1], classifier.final_norm):
        part.requires_grad_(True)
    return classifier
