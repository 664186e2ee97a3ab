import torch.nn as nn

def to_classifier(model, num_classes):
    n_in = model.out_head.weight.shape[0]
    head = nn.Linear(n_in, num_classes)
    for p in model.parameters():
        p.requires_grad = False
    model.out_head = head
    for part in model.trf_blocks[-1], model.final_norm:
        for p in part.parameters():
            p.requires_grad = True
    return model
