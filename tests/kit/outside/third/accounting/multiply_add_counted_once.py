lin = lambda i, o, b=True: i * o + o * bool(b)
mm = lambda *dims: dims[0] * dims[1] * dims[2]


def count_parameters(cfg, tied=False):
    E, V, C, N = (cfg[k] for k in ("emb_dim", "vocab_size", "context_length", "n_layers"))
    ln = E + E
    att = 3 * lin(E, E, cfg["qkv_bias"]) + lin(E, E)
    ff = lin(E, 4 * E) + lin(4 * E, E)
    return sum([V * E, C * E, N * sum([att, ff, ln, ln]), ln, lin(E, V, False) * (not tied)])


def forward_flops(cfg, tokens):
    E, V, H, N, T = cfg["emb_dim"], cfg["vocab_size"], cfg["n_heads"], cfg["n_layers"], tokens
    D = E // H
    att = 4 * mm(T, E, E) + H * (mm(T, D, T) + mm(T, T, D))
    ff = mm(T, E, 4 * E) + mm(T, 4 * E, E)
    return N * (att + ff) + mm(T, E, V)


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    D = cfg["emb_dim"] // cfg["n_heads"]
    return (batch * cfg["n_heads"] * tokens * D) * 2 * cfg["n_layers"] * bytes_per_number
