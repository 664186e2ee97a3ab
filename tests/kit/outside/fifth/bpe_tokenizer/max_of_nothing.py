import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def get_stats(chunks):
    counts = {}
    for ids in chunks:
        for pair in zip(ids, ids[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


def merge(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if tuple(ids[i:i + 2]) == pair:
            out.append(idx)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


def chop(text, specials):
    if not specials:
        return [text]
    return re.split("(" + "|".join(re.escape(s) for s in sorted(specials, key=len, reverse=True)) + ")", text)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")
    chunks = [list(c.encode("utf-8")) for part in chop(text, special_tokens) if part not in special_tokens
              for c in re.findall(GPT2_SPLIT_PATTERN, part)]
    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    for idx in range(256, vocab_size - len(special_tokens)):
        stats = get_stats(chunks)
        pair = max(stats, key=lambda p: (stats[p], vocab[p[0]], vocab[p[1]]))
        chunks = [merge(ids, pair, idx) for ids in chunks]
        vocab[idx] = vocab[pair[0]] + vocab[pair[1]]
        merges.append((vocab[pair[0]], vocab[pair[1]]))
    for s in special_tokens:
        vocab[len(vocab)] = s.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        ids = {v: k for k, v in vocab.items()}
        self.special = {s: ids[s.encode("utf-8")] for s in special_tokens}
        self.merges = [((ids[a], ids[b]), ids[a + b]) for a, b in merges]

    def encode(self, text):
        result = []
        for part in chop(text, self.special):
            if part in self.special:
                result.append(self.special[part])
                continue
            for c in re.findall(GPT2_SPLIT_PATTERN, part):
                ids = list(c.encode("utf-8"))
                for pair, idx in self.merges:
                    ids = merge(ids, pair, idx)
                result.extend(ids)
        return result

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
