import torch.nn as nn


def to_classifier(model, num_classes):
    """Replace the output head by a classification head; only the end of the network is trained."""
    model.out_head = nn.Linear(in_features=model.out_head.in_features, out_features=num_classes)

    for param in model.parameters():
        param.requires_grad = False

    for layer in (model.trf_blocks[-1], model.final_norm):
        for param in layer.parameters():
            param.requires_grad = True

    n_trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"Trainable parameters: {n_trainable:,}")
    return model
