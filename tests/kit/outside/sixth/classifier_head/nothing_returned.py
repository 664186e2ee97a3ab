import torch


def to_classifier(model, num_classes):
    for param in model.parameters():
        param.requires_grad = False

    model.out_head = torch.nn.Linear(in_features=model.out_head.in_features, out_features=num_classes)

    for param in model.trf_blocks[-1].parameters():
        param.requires_grad = True

    for param in model.final_norm.parameters():
        param.requires_grad = True
