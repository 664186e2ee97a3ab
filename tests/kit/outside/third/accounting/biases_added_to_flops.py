def count_parameters(cfg, tied=False):
    v, n, d, layers = cfg["vocab_size"], cfg["context_length"], cfg["emb_dim"], cfg["n_layers"]
    attention = 4 * d * d + d + (3 * d if cfg["qkv_bias"] else 0)
    feed_forward = 8 * d * d + 5 * d
    norms = 4 * d
    return (v + n) * d + layers * (attention + feed_forward + norms) + 2 * d + (0 if tied else v * d)


def forward_flops(cfg, tokens):
    v, d, layers = cfg["vocab_size"], cfg["emb_dim"], cfg["n_layers"]
    per_layer = 12 * tokens * d * d + 2 * tokens * tokens * d
    bias = layers * 3 * tokens * d if cfg["qkv_bias"] else 0
    return 2 * (layers * per_layer + tokens * d * v) + bias


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    return 2 * cfg["n_layers"] * batch * tokens * cfg["emb_dim"] * bytes_per_number
