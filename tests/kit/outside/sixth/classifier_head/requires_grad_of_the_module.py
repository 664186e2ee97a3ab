import torch


def to_classifier(model, num_classes):
    # freeze the pretrained model
    model.requires_grad = False

    # new output layer
    emb_dim = model.out_head.in_features
    model.out_head = torch.nn.Linear(emb_dim, num_classes)

    # make the last block and the final norm trainable
    for param in model.trf_blocks[-1].parameters():
        param.requires_grad = True
    for param in model.final_norm.parameters():
        param.requires_grad = True

    return model
