import torch


def to_classifier(model, num_classes):
    for param in model.parameters():
        param.requires_grad = False

    emb_dim = model.tok_emb.weight.shape[1]
    model.out_head = torch.nn.Linear(in_features=emb_dim, out_features=num_classes)

    model.trf_blocks[-1].requires_grad = True
    for param in model.final_norm.parameters():
        param.requires_grad = True

    return model
