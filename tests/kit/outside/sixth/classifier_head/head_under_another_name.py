import torch
from torch import nn


def to_classifier(model, num_classes):
    emb_dim = model.out_head.in_features

    for param in model.parameters():
        param.requires_grad = False
    for param in model.trf_blocks[-1].parameters():
        param.requires_grad = True
    for param in model.final_norm.parameters():
        param.requires_grad = True

    model.classification_head = nn.Linear(emb_dim, num_classes, bias=True)
    return model
