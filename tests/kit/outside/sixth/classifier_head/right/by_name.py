from torch.nn import Linear

def to_classifier(model, num_classes):
    model.out_head = Linear(model.tok_emb.weight.shape[1], num_classes)
    keep = "out_head.", "final_norm.", f"trf_blocks.{len(model.trf_blocks) - 1}."
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith(keep)
    return model
