from itertools import chain

from torch import nn


def to_classifier(model, num_classes):
    *lower, last = model.trf_blocks
    for p in chain.from_iterable(block.parameters() for block in lower):
        p.requires_grad = False
    for p in chain(last.parameters(), model.final_norm.parameters()):
        p.requires_grad = True
    model.out_head = nn.Linear(model.out_head.in_features, num_classes)
    return model
