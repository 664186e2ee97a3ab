from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    vocab: int
    context: int
    width: int
    heads: int
    layers: int
    bias: bool

    @classmethod
    def of(cls, cfg):
        return cls(cfg["vocab_size"], cfg["context_length"], cfg["emb_dim"], cfg["n_heads"], cfg["n_layers"], bool(cfg["qkv_bias"]))

    @property
    def attention(self):
        qkv = 3 * self.width * (self.width + self.bias)
        out = self.width * (self.width + 1)
        return qkv + out

    @property
    def feed_forward(self):
        up = 4 * self.width * (self.width + 1)
        down = self.width * (4 * self.width + 1)
        return up + down

    @property
    def norm(self):
        return 2 * self.width

    @property
    def block(self):
        return self.attention + self.feed_forward + 2 * self.norm

    @property
    def head(self):
        return self.width * self.vocab


def count_parameters(cfg, tied=False):
    s = Size.of(cfg)
    embeddings = (s.vocab + s.context) * s.width
    total = embeddings + s.layers * s.block + s.norm
    return total if tied else total + s.head


def forward_flops(cfg, tokens):
    s = Size.of(cfg)
    projections = 4 * s.width ** 2
    pairs = 2 * tokens * s.width
    feed_forward = 8 * s.width ** 2
    per_token = s.layers * (projections + pairs + feed_forward) + s.head
    return 2 * tokens * per_token


def kv_cache_bytes(cfg, batch, tokens, bytes_per_number=4):
    s = Size.of(cfg)
    key_and_value = 2 * s.width
    return batch * tokens * s.layers * key_and_value * bytes_per_number
