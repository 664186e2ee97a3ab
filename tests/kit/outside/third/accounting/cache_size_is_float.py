import numpy as np


def _linear(n_in, n_out, bias=True):
    return n_in * n_out + (n_out if bias else 0)


def count_parameters(cfg, tied=False):
    d = cfg["emb_dim"]
    parts = {
        "tok_emb": cfg["vocab_size"] * d,
        "pos_emb": cfg["context_length"] * d,
        "attention": cfg["n_layers"] * (3 * _linear(d, d, cfg["qkv_bias"]) + _linear(d, d)),
        "feed_forward": cfg["n_layers"] * (_linear(d, 4 * d) + _linear(4 * d, d)),
        "norms": (2 * cfg["n_layers"] + 1) * 2 * d,
        "head": 0 if tied else _linear(d, cfg["vocab_size"], bias=False),
    }
    return sum(parts.values())


def forward_flops(cfg, tokens):
    d = cfg["emb_dim"]
    macs = np.array([4 * d * d, 8 * d * d, 2 * tokens * d], dtype=object).sum() * tokens * cfg["n_layers"]
    macs += tokens * d * cfg["vocab_size"]
    return int(2 * macs)


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    head_dim = cfg["emb_dim"] / cfg["n_heads"]
    per_token = 2 * cfg["n_layers"] * cfg["n_heads"] * head_dim
    return batch * tokens * per_token * bytes_per_number
