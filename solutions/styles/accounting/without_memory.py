import torch

from . import gpt_model


def count_parameters(cfg, tied=False):
    """Build the model on a device that stores no numbers, so that even the largest one fits."""
    with torch.device("meta"):
        model = gpt_model.GPTModel({**cfg})
    if tied:
        model.out_head.weight = model.tok_emb.weight
    return sum(parameter.numel() for parameter in model.parameters())


def forward_flops(cfg, tokens):
    """Every matrix with parameters is used once for each token, apart from the two tables that are only looked up."""
    with torch.device("meta"):
        model = gpt_model.GPTModel({**cfg})
    used = sum(p.numel() for name, p in model.named_parameters() if p.dim() == 2 and "_emb" not in name)
    return 2 * tokens * (used + 2 * tokens * cfg["emb_dim"] * cfg["n_layers"])


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    with torch.device("meta"):
        kept = torch.empty(2, cfg["n_layers"], batch, tokens, cfg["emb_dim"])
    return kept.numel() * bytes_per_number
