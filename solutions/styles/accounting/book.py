"""Builds the model and counts, as the book does; operations and bytes follow from the same settings."""

from .gpt_model import GPTModel


def count_parameters(cfg, tied=False):
    model = GPTModel(cfg)
    total_params = sum(p.numel() for p in model.parameters())
    if tied:
        total_params = total_params - sum(p.numel() for p in model.out_head.parameters())
    return total_params


def forward_flops(cfg, tokens):
    emb_dim, n_layers = cfg["emb_dim"], cfg["n_layers"]
    # Queries, keys, values and the output projection
    qkv_and_out = 4 * 2 * tokens * emb_dim * emb_dim
    # Attention scores and context vectors, one head after the other
    head_dim = emb_dim // cfg["n_heads"]
    attn_scores = cfg["n_heads"] * 2 * tokens * tokens * head_dim
    context_vecs = cfg["n_heads"] * 2 * tokens * tokens * head_dim
    feed_forward = 2 * tokens * emb_dim * (4 * emb_dim) + 2 * tokens * (4 * emb_dim) * emb_dim
    logits = 2 * tokens * emb_dim * cfg["vocab_size"]
    return n_layers * (qkv_and_out + attn_scores + context_vecs + feed_forward) + logits


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    head_dim = cfg["emb_dim"] // cfg["n_heads"]
    return 2 * cfg["n_layers"] * batch * cfg["n_heads"] * tokens * head_dim * bytes_per_number
