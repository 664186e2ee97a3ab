import torch

def to_classifier(model, num_classes):
    for p in model.parameters(): p.requires_grad_(False)
    model.out_head = torch.nn.Linear(model.out_head.in_features, num_classes)
    for p in model.trf_blocks[-1].parameters(): p.requires_grad_(True)
    return model
