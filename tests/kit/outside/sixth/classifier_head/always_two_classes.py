import torch.nn as nn


def to_classifier(model, num_classes=2):
    """num_classes: 0 is "not spam", 1 is "spam"."""
    for p in model.parameters():
        p.requires_grad = False

    width = model.pos_emb.weight.shape[-1]
    model.out_head = nn.Linear(width, 2)

    for module in [model.final_norm, model.trf_blocks[-1]]:
        module.requires_grad_(True)
    return model
