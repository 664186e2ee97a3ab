"""Builds a copy with a new head, and loads every other value into it."""

import copy

from torch import nn


def to_classifier(model, num_classes):
    classifier = copy.copy(model)
    classifier._modules = copy.deepcopy(model._modules)
    emb_dim = classifier._modules.pop("out_head").in_features
    classifier.register_module("out_head", nn.Linear(in_features=emb_dim, out_features=num_classes))
    kept = {name: value for name, value in model.state_dict().items() if not name.startswith("out_head.")}
    report = classifier.load_state_dict(kept, strict=False)
    assert set(report.missing_keys) == {"out_head.weight", "out_head.bias"}
    frozen = [classifier.tok_emb, classifier.pos_emb, *classifier.trf_blocks[:-1]]
    opened = [classifier.trf_blocks[-1], classifier.final_norm]
    for parts, switch in ((frozen, False), (opened, True)):
        for part in parts:
            for parameter in part.parameters():
                parameter.requires_grad_(switch)
    return classifier
