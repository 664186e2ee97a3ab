import regex as re

GPT2_SPLIT_PATTERN = r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"""


class RegexTokenizer:
    def __init__(self, special_tokens=()):
        self.compiled_pattern = re.compile(GPT2_SPLIT_PATTERN)
        self.special_tokens = list(special_tokens)
        self.special_pattern = None
        if self.special_tokens:
            by_length = sorted(self.special_tokens, key=len, reverse=True)
            self.special_pattern = re.compile("(" + "|".join(re.escape(t) for t in by_length) + ")")

    def parts(self, text):
        return self.special_pattern.split(text) if self.special_pattern else [text]

    @staticmethod
    def merge(ids, pair, idx):
        newids = []
        i = 0
        while i < len(ids):
            if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
                newids.append(idx)
                i += 2
            else:
                newids.append(ids[i])
                i += 1
        return newids


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")
    helper = RegexTokenizer(special_tokens)
    ids = []
    for part in helper.parts(text):
        if part not in special_tokens:
            ids += [list(ch.encode("utf-8")) for ch in helper.compiled_pattern.findall(part)]
    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    for idx in range(256, vocab_size - len(special_tokens)):
        stats = {}
        for chunk in ids:
            for pair in zip(chunk, chunk[1:]):
                stats[pair] = stats.get(pair, 0) + 1
        if not stats:
            break
        pair = max(stats, key=lambda p: (stats[p], vocab[p[0]], vocab[p[1]]))
        ids = [helper.merge(chunk, pair, idx) for chunk in ids]
        merges.append((vocab[pair[0]], vocab[pair[1]]))
        vocab[idx] = b"".join(merges[-1])
    for t in special_tokens:
        vocab[len(vocab)] = t.encode("utf-8")
    return vocab, merges


class BPETokenizer(RegexTokenizer):
    def __init__(self, vocab, merges, special_tokens=()):
        super().__init__(special_tokens)
        self.vocab = vocab
        ids = {b: i for i, b in vocab.items()}
        self.special_ids = {t: ids[t.encode("utf-8")] for t in special_tokens}
        self.merges = {(ids[a], ids[b]): ids[a + b] for a, b in merges}

    def encode_ordinary(self, text):
        out = []
        for chunk in self.compiled_pattern.findall(text):
            ids = list(chunk.encode("utf-8"))
            while len(ids) >= 2:
                pair = min(zip(ids, ids[1:]), key=lambda p: self.merges.get(p, float("inf")))
                if pair not in self.merges:
                    break
                ids = self.merge(ids, pair, self.merges[pair])
            out.extend(ids)
        return out

    def encode(self, text):
        out = []
        for part in self.parts(text):
            if part in self.special_ids:
                out.append(self.special_ids[part])
            else:
                out.extend(self.encode_ordinary(part))
        return out

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
