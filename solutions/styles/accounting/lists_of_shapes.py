"""Lists the shape of every parameter and of every product, and adds up."""

import math


def parameter_shapes(cfg, tied):
    width, vocabulary = cfg["emb_dim"], cfg["vocab_size"]
    yield vocabulary, width
    yield cfg["context_length"], width
    for _ in range(cfg["n_layers"]):
        for _ in ("W_query", "W_key", "W_value"):
            yield width, width
            if cfg["qkv_bias"]:
                yield (width,)
        yield from [(width, width), (width,)]
        yield from [(4 * width, width), (4 * width,), (width, 4 * width), (width,)]
        yield from [(width,)] * 4
    yield from [(width,)] * 2
    if not tied:
        yield vocabulary, width


def products(cfg, tokens):
    width, head_dim = cfg["emb_dim"], cfg["emb_dim"] // cfg["n_heads"]
    for _ in range(cfg["n_layers"]):
        yield from [(tokens, width, width)] * 4
        for _ in range(cfg["n_heads"]):
            yield tokens, head_dim, tokens
            yield tokens, tokens, head_dim
        yield tokens, width, 4 * width
        yield tokens, 4 * width, width
    yield tokens, width, cfg["vocab_size"]


def count_parameters(cfg, tied=False):
    return sum(map(math.prod, parameter_shapes(cfg, tied)))


def forward_flops(cfg, tokens):
    return sum(2 * rows * middle * columns for rows, middle, columns in products(cfg, tokens))


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    return sum(math.prod((batch, tokens, cfg["emb_dim"], bytes_per_number)) for _ in range(cfg["n_layers"] * 2))
