import torch


def to_classifier(model, num_classes):
    for param in model.parameters():
        param.requires_grad = False

    d = model.out_head.weight.size(1)
    model.out_head = torch.nn.Linear(d, num_classes, device=model.out_head.weight.device)

    for layer in [model.trf_blocks[-1], model.final_norm]:
        for name, param in layer.named_parameters():
            kind = name.split(".")[-1]
            if kind in ("weight", "scale"):
                param.requires_grad = True
    return model
