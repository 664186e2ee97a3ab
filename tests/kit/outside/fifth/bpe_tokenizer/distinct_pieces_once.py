import numpy as np
import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

SHIFT = 1 << 32


def special_pattern(special_tokens):
    return "(" + "|".join(regex.escape(s) for s in sorted(special_tokens, key=len, reverse=True)) + ")"


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")
    segments = regex.split(special_pattern(special_tokens), text)[::2] if special_tokens else [text]
    pieces = sorted({p.encode("utf-8") for s in segments for p in regex.findall(GPT2_SPLIT_PATTERN, s)})
    words = [np.frombuffer(p, dtype=np.uint8).astype(np.int64) for p in pieces]
    tokens = [bytes([i]) for i in range(256)]
    merges = []
    while len(tokens) + len(special_tokens) < vocab_size:
        keys = [w[:-1] * SHIFT + w[1:] for w in words if len(w) > 1]
        if not keys:
            break
        key, count = np.unique(np.concatenate(keys), return_counts=True)
        tied = [divmod(int(k), SHIFT) for k in key[count == count.max()]]
        a, b = max(tied, key=lambda p: (tokens[p[0]], tokens[p[1]]))
        for k, w in enumerate(words):
            if len(w) > 1 and ((w[:-1] == a) & (w[1:] == b)).any():
                out, i = [], 0
                while i < len(w):
                    if i + 1 < len(w) and w[i] == a and w[i + 1] == b:
                        out.append(len(tokens))
                        i += 2
                    else:
                        out.append(w[i])
                        i += 1
                words[k] = np.array(out, dtype=np.int64)
        merges.append((tokens[a], tokens[b]))
        tokens.append(tokens[a] + tokens[b])
    tokens.extend(s.encode("utf-8") for s in special_tokens)
    return dict(enumerate(tokens)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.id_of = {t: i for i, t in vocab.items()}
        self.rank = {m: i for i, m in enumerate(merges)}
        self.special_tokens = list(special_tokens)

    def _merge(self, parts):
        while True:
            ranks = np.array([self.rank.get(p, len(self.rank)) for p in zip(parts, parts[1:])])
            if ranks.size == 0 or ranks.min() == len(self.rank):
                return parts
            i = int(ranks.argmin())
            parts = parts[:i] + [parts[i] + parts[i + 1]] + parts[i + 2:]

    def encode(self, text):
        segments = regex.split(special_pattern(self.special_tokens), text) if self.special_tokens else [text]
        ids = []
        for k, s in enumerate(segments):
            if k % 2 == 1:
                ids.append(self.id_of[s.encode("utf-8")])
            else:
                for p in regex.findall(GPT2_SPLIT_PATTERN, s):
                    ids.extend(self.id_of[t] for t in self._merge([bytes([b]) for b in p.encode("utf-8")]))
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
