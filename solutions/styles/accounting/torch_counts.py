"""Lets torch count: it multiplies matrices that have shapes but no numbers."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def count_parameters(cfg, tied=False):
    width = cfg["emb_dim"]
    with torch.device("meta"):
        qkv = [nn.Linear(width, width, bias=cfg["qkv_bias"]) for _ in range(3)]
        block = nn.ModuleList(
            [*qkv, nn.Linear(width, width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)]
            + [nn.LayerNorm(width), nn.LayerNorm(width)]
        )
        outside = nn.ModuleList([nn.Embedding(cfg["vocab_size"], width), nn.Embedding(cfg["context_length"], width)])
        outside.append(nn.LayerNorm(width))
        if not tied:
            outside.append(nn.Linear(width, cfg["vocab_size"], bias=False))
    in_block, others = (sum(p.numel() for p in part.parameters()) for part in (block, outside))
    return cfg["n_layers"] * in_block + others


def forward_flops(cfg, tokens):
    width = cfg["emb_dim"]

    def matrix(rows, columns):
        return torch.empty(rows, columns, device="meta")

    with FlopCounterMode(display=False) as counter:
        for _ in range(cfg["n_layers"]):
            x = matrix(tokens, width)
            q, k, v = (x @ matrix(width, width) for _ in range(3))
            x = (q @ k.T) @ v @ matrix(width, width)
            x = x @ matrix(width, 4 * width) @ matrix(4 * width, width)
        matrix(tokens, width) @ matrix(width, cfg["vocab_size"])
    return counter.get_total_flops()


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    one = torch.empty(batch, tokens, cfg["emb_dim"], dtype=torch.uint8, device="meta")
    return 2 * cfg["n_layers"] * one.nbytes * bytes_per_number
