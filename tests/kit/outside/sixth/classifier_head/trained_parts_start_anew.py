import torch
import torch.nn as nn


def _init_weights(module):
    if isinstance(module, nn.Linear):
        torch.nn.init.normal_(module.weight, mean=0.0, std=0.02)
        if module.bias is not None:
            torch.nn.init.zeros_(module.bias)


def to_classifier(model, num_classes):
    for p in model.parameters():
        p.requires_grad = False

    model.out_head = nn.Linear(model.out_head.in_features, num_classes)

    # everything that is going to be trained gets a clean start
    for module in (model.trf_blocks[-1], model.final_norm, model.out_head):
        module.apply(_init_weights)
        for p in module.parameters():
            p.requires_grad = True
    return model
