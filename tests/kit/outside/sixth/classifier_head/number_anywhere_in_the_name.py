import torch


def to_classifier(model, num_classes):
    last = str(len(model.trf_blocks) - 1)
    model.out_head = torch.nn.Linear(model.out_head.in_features, num_classes)

    for name, p in model.named_parameters():
        p.requires_grad = last in name or "final_norm" in name or "out_head" in name

    return model
