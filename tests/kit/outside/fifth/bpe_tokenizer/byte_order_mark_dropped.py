import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def merge(ids, pair, idx):
    a, b = pair
    newids = []
    it = iter(ids)
    for x in it:
        while newids and newids[-1] == a and x == b:
            newids[-1] = idx
            x = next(it, None)
            if x is None:
                return newids
        newids.append(x)
    return newids


def chunked(text, special_tokens):
    """Lists of chunks; special tokens come as a bare str."""
    parts = [text]
    if special_tokens:
        parts = re.split("(" + "|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)) + ")", text)
    for part in parts:
        yield part if part in special_tokens else re.findall(GPT2_SPLIT_PATTERN, part)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    vocab, merges = {i: bytes([i]) for i in range(256)}, []
    data = [list(c.encode("utf-8")) for part in chunked(text, special_tokens) if isinstance(part, list) for c in part]
    for idx in range(256, vocab_size - len(special_tokens)):
        stats = {}
        for ids in data:
            for k in range(len(ids) - 1):
                pair = ids[k], ids[k + 1]
                stats[pair] = stats.get(pair, 0) + 1
        if not stats:
            break
        n, left, right, pair = max((n, vocab[p[0]], vocab[p[1]], p) for p, n in stats.items())
        vocab[idx] = left + right
        merges.append((left, right))
        data = [merge(ids, pair, idx) for ids in data]
    vocab.update({len(vocab) + k: t.encode("utf-8") for k, t in enumerate(special_tokens)})
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.ids = {b: i for i, b in vocab.items()}
        self.merges = {(self.ids[a], self.ids[b]): self.ids[a + b] for a, b in merges}
        self.special_tokens = special_tokens

    def encode(self, text):
        out = []
        for part in chunked(text, self.special_tokens):
            if isinstance(part, str):
                out.append(self.ids[part.encode("utf-8")])
                continue
            for chunk in part:
                ids = list(chunk.encode("utf-8"))
                while True:
                    possible = set(zip(ids, ids[1:])) & self.merges.keys()
                    if not possible:
                        break
                    pair = min(possible, key=self.merges.get)
                    ids = merge(ids, pair, self.merges[pair])
                out.extend(ids)
        return out

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8-sig", errors="replace")
