import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def stats_of(chunks):
    counts = {}
    for ids in chunks:
        for pair in zip(ids, ids[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


def merge(ids, pair, idx):
    res = []
    while ids:
        if len(ids) > 1 and (ids[0], ids[1]) == pair:
            res.append(idx)
            ids = ids[2:]
        else:
            res.append(ids[0])
            ids = ids[1:]
    return res


def by_special(text, special_tokens):
    if not special_tokens:
        return [text]
    return re.split("(" + "|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)) + ")", text)


def train_bpe(text, vocab_size, special_tokens=()):
    assert vocab_size >= 256 + len(special_tokens), "vocab_size too small"
    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    chunks = []
    for part in by_special(text, special_tokens):
        if part not in special_tokens:
            chunks += [list(c.encode("utf-8")) for c in re.findall(GPT2_SPLIT_PATTERN, part)]
    while len(vocab) + len(special_tokens) < vocab_size:
        counts = stats_of(chunks)
        if not counts:
            break
        l, r = sorted(counts, key=lambda p: (counts[p], vocab[p[0]], vocab[p[1]]), reverse=True)[0]
        idx = len(vocab)
        chunks = [merge(c, (l, r), idx) for c in chunks]
        vocab[idx] = vocab[l] + vocab[r]
        merges.append((vocab[l], vocab[r]))
    for t in special_tokens:
        vocab[len(vocab)] = t.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        b2i = {b: i for i, b in vocab.items()}
        self.specials = {t: b2i[t.encode("utf-8")] for t in special_tokens}
        self.merges = {(b2i[l], b2i[r]): b2i[l + r] for l, r in merges}

    def encode(self, text):
        tokens = []
        for part in by_special(text, self.specials):
            if part in self.specials:
                tokens.append(self.specials[part])
                continue
            for chunk in re.findall(GPT2_SPLIT_PATTERN, part):
                ids = list(chunk.encode("utf-8"))
                while len(ids) > 2:
                    pair = min(stats_of([ids]), key=lambda p: self.merges.get(p, float("inf")))
                    if pair not in self.merges:
                        break
                    ids = merge(ids, pair, self.merges[pair])
                tokens.extend(ids)
        return tokens

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
