def count_parameters(cfg, tied=False):
    V, C, E, L = (cfg[name] for name in ("vocab_size", "context_length", "emb_dim", "n_layers"))
    return (2 - tied) * V * E + C * E + L * (12 * E**2 + (10 + 3 * bool(cfg["qkv_bias"])) * E) + 2 * E


def forward_flops(cfg, tokens):
    T, V, E, L = tokens, cfg["vocab_size"], cfg["emb_dim"], cfg["n_layers"]
    return 24 * L * T * E**2 + 4 * L * T**2 * E + 2 * T * E * V


kv_cache_bytes = lambda cfg, batch, tokens, bytes_per_number=2: (
    2 * batch * tokens * bytes_per_number * cfg["n_layers"] * cfg["emb_dim"]
)
