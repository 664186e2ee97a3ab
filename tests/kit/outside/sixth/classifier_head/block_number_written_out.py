import torch.nn as nn


def to_classifier(model, num_classes):
    # GPT-2 small has 12 blocks: 0 ... 11
    trainable = ("trf_blocks.11.", "final_norm.")

    for name, param in model.named_parameters():
        param.requires_grad = name.startswith(trainable)

    model.out_head = nn.Linear(model.out_head.in_features, num_classes)
    return model
