import torch

from .gpt_model import GPTModel


def build(cfg):
    return GPTModel(dict(cfg))


def count_parameters(cfg, tied=False):
    model = build(cfg)
    total = sum(p.numel() for p in model.parameters())
    if tied:
        total -= model.out_head.weight.numel()
    return total


def forward_flops(cfg, tokens):
    flops = 0
    for name, p in build(cfg).named_parameters():
        is_matrix = p.dim() == 2 and "emb" not in name
        if is_matrix:
            flops += 2 * tokens * p.numel()
    # scores and mixing have no weights of their own
    head_dim = cfg["emb_dim"] // cfg["n_heads"]
    scores = 2 * tokens * tokens * head_dim * cfg["n_heads"]
    mixing = 2 * tokens * tokens * head_dim * cfg["n_heads"]
    flops += cfg["n_layers"] * (scores + mixing)
    return flops


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    cache = torch.empty(2, cfg["n_layers"], batch, cfg["n_heads"], cfg["context_length"], cfg["emb_dim"] // cfg["n_heads"], device="meta")
    return cache.numel() * bytes_per_number
