import torch
from torch import nn


def unfreeze_last_layers(model):
    for param in model.trf_blocks[-1].parameters():
        param.requires_grad = True
    for param in model.final_norm.parameters():
        param.requires_grad = True


def freeze(model):
    for param in model.parameters():
        param.requires_grad = False


def replace_head(model, num_classes):
    model.out_head = nn.Linear(model.out_head.in_features, num_classes)


def to_classifier(model, num_classes):
    unfreeze_last_layers(model)
    freeze(model)
    replace_head(model, num_classes)
    return model
