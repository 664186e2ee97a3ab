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
    return 2 * tokens * count_parameters(cfg)


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    cache = torch.empty(2, cfg["n_layers"], batch, cfg["n_heads"], tokens, cfg["emb_dim"] // cfg["n_heads"], device="meta")
    return cache.numel() * bytes_per_number
