import torch
import torch.nn as nn

N_TRAINABLE_BLOCKS = 2


def to_classifier(model, num_classes):
    for param in model.parameters():
        param.requires_grad = False

    model.out_head = nn.Linear(
        in_features=model.out_head.in_features,
        out_features=num_classes
    )

    for block in model.trf_blocks[-N_TRAINABLE_BLOCKS:]:
        for param in block.parameters():
            param.requires_grad = True

    for param in model.final_norm.parameters():
        param.requires_grad = True

    return model
