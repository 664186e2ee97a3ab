import torch.nn as nn


def to_classifier(model, num_classes):
    model.requires_grad_(False)

    vocab_size, emb_dim = model.out_head.weight.shape
    model.out_head = nn.Sequential(
        model.out_head,
        nn.Linear(vocab_size, num_classes),
    )

    model.trf_blocks[-1].requires_grad_(True)
    model.final_norm.requires_grad_(True)
    return model
