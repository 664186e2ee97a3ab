import torch
from torch import nn


def to_classifier(model, num_classes):
    last = f"trf_blocks.{len(model.trf_blocks) - 1}."

    for name, param in model.named_parameters():
        if name.startswith(last) or name.startswith("final_norm."):
            continue                      # these go on learning
        param.requires_grad = False

    model.out_head = nn.Linear(model.out_head.in_features, num_classes)
    return model
