import numpy as np
import regex
import tiktoken

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def _cut(text, specials):
    if not specials:
        return [text]
    order = sorted(specials, key=len)[::-1]
    return regex.split("(%s)" % "|".join(regex.escape(s) for s in order), text)


def _apply(ids, left, right, new):
    hit = np.flatnonzero((ids[:-1] == left) & (ids[1:] == right))
    if left == right:
        keep, last = [], -2
        for h in hit:
            if h > last + 1:
                keep.append(h)
                last = h
        hit = np.array(keep, dtype=np.int64)
    ids = ids.copy()
    ids[hit] = new
    return np.delete(ids, hit + 1)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    flat = []
    for part in _cut(text, special_tokens):
        if part not in special_tokens:
            for piece in regex.findall(GPT2_SPLIT_PATTERN, part):
                flat.extend(piece.encode())
                flat.append(-1)
    ids = np.array(flat, dtype=np.int64)
    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    while len(vocab) + len(special_tokens) < vocab_size:
        inside = (ids[:-1] >= 0) & (ids[1:] >= 0)
        keys, counts = np.unique(ids[:-1][inside] * 2**31 + ids[1:][inside], return_counts=True)
        if keys.size == 0:
            break
        tied = [divmod(int(k), 2**31) for k in keys[counts == counts.max()]]
        left, right = max(tied, key=lambda p: (vocab[p[0]], vocab[p[1]]))
        new = len(vocab)
        merges.append((vocab[left], vocab[right]))
        vocab[new] = vocab[left] + vocab[right]
        ids = _apply(ids, left, right, new)
    vocab.update({len(vocab) + k: s.encode() for k, s in enumerate(special_tokens)})
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.special = {s: max(i for i, b in vocab.items() if b == s.encode()) for s in special_tokens}
        ranks = {bytes([b]): b for b in range(256)}
        for k, (a, b) in enumerate(merges):
            ranks.setdefault(a + b, 256 + k)
        self.core = tiktoken.Encoding("own", pat_str=GPT2_SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens={})

    def encode(self, text):
        out = []
        for part in _cut(text, list(self.special)):
            out += [self.special[part]] if part in self.special else self.core.encode_ordinary(part)
        return out

    def decode(self, ids):
        return b"".join(map(self.vocab.__getitem__, ids)).decode(errors="replace")
