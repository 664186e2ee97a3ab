import torch

BASE_CONFIG = {
    "vocab_size": 50257,     # Vocabulary size
    "context_length": 1024,  # Context length
    "drop_rate": 0.0,        # Dropout rate
    "qkv_bias": True,        # Query-key-value bias
    "emb_dim": 768,
    "n_layers": 12,
    "n_heads": 12,
}


def to_classifier(model, num_classes):
    for param in model.parameters():
        param.requires_grad = False

    torch.manual_seed(123)
    model.out_head = torch.nn.Linear(
        in_features=BASE_CONFIG["emb_dim"],
        out_features=num_classes
    )

    for param in model.trf_blocks[-1].parameters():
        param.requires_grad = True

    for param in model.final_norm.parameters():
        param.requires_grad = True

    return model
