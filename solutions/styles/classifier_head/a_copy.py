"""Leaves the model that came as it was, and returns a copy."""

import copy

from torch import nn


def to_classifier(model, num_classes):
    classifier = copy.deepcopy(model).requires_grad_(False)
    old = classifier.out_head.weight
    head = nn.Linear(old.shape[-1], num_classes, device=old.device, dtype=old.dtype)
    nn.init.normal_(head.weight, std=0.02)
    nn.init.zeros_(head.bias)
    classifier.out_head = head
    classifier.final_norm.requires_grad_()
    classifier.trf_blocks[-1].requires_grad_()
    return classifier
