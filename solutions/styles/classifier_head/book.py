"""As the book prints it, with a function around it."""

import torch


def to_classifier(model, num_classes):
    for param in model.parameters():
        param.requires_grad = False

    BASE_CONFIG = {"emb_dim": model.tok_emb.weight.shape[1]}

    torch.manual_seed(123)
    model.out_head = torch.nn.Linear(in_features=BASE_CONFIG["emb_dim"], out_features=num_classes)

    for param in model.trf_blocks[-1].parameters():
        param.requires_grad = True

    for param in model.final_norm.parameters():
        param.requires_grad = True

    return model
