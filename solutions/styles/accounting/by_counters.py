from collections import Counter
from operator import itemgetter


class Linear:
    """A linear layer that is only counted."""

    def __init__(self, rows, columns, bias=True):
        self.size, self.bias = rows * columns, columns * bool(bias)

    @property
    def parameters(self):
        return self.size + self.bias

    def flops(self, tokens):
        return 2 * tokens * self.size


def layers(cfg):
    """Return how often each linear layer of a block occurs, by name, and the head."""
    width, qkv_bias = itemgetter("emb_dim", "qkv_bias")(cfg)
    block = [(Linear(width, width, qkv_bias), 3), (Linear(width, width), 1)]
    block += [(Linear(width, 4 * width), 1), (Linear(4 * width, width), 1)]
    return block, Linear(width, cfg["vocab_size"], bias=False)


def count_parameters(cfg, tied=False):
    block, head = layers(cfg)
    counts = Counter(tokens=head.parameters, positions=cfg["context_length"] * cfg["emb_dim"])
    for layer, times in block:
        counts["blocks"] += times * cfg["n_layers"] * layer.parameters
    counts["norms"] = (1 + 2 * cfg["n_layers"]) * 2 * cfg["emb_dim"]
    counts["head"] = 0 if tied else head.parameters
    return counts.total()


def forward_flops(cfg, tokens):
    block, head = layers(cfg)
    attention = 2 * 2 * tokens * tokens * cfg["emb_dim"]
    return head.flops(tokens) + cfg["n_layers"] * (attention + sum(n * layer.flops(tokens) for layer, n in block))


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=2):
    counts = Counter(dict.fromkeys(("keys", "values"), 0))
    for layer in range(cfg["n_layers"]):
        for text in range(batch):
            counts.update(keys=tokens * cfg["emb_dim"], values=tokens * cfg["emb_dim"])
    return counts["keys"] * bytes_per_number + counts["values"] * bytes_per_number
