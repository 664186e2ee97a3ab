from collections import Counter, defaultdict
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def split_parts(text, special_tokens):
    if len(special_tokens) == 0:
        return [text]
    special_pattern = "|".join(map(re.escape, sorted(special_tokens, key=len, reverse=True)))
    return re.split(f"({special_pattern})", text)


def train_bpe(text, vocab_size, special_tokens=()):
    num_special = len(special_tokens)
    if vocab_size < 256 + num_special:
        raise ValueError(f"need at least {256 + num_special} entries")

    vocab = {i: bytes([i]) for i in range(256)}
    for k, token in enumerate(special_tokens):
        vocab[vocab_size - num_special + k] = token.encode("utf-8")

    freq = Counter()
    for part in split_parts(text, special_tokens):
        if part not in special_tokens:
            freq.update(re.findall(GPT2_SPLIT_PATTERN, part))
    words = [([bytes([b]) for b in w.encode("utf-8")], n) for w, n in freq.items()]

    pair_count = Counter()
    pair_words = defaultdict(set)
    for k, (w, n) in enumerate(words):
        for p in zip(w, w[1:]):
            pair_count[p] += n
            pair_words[p].add(k)

    merges = []
    for next_id in range(256, vocab_size - num_special):
        if not pair_count:
            break
        best = max(pair_count, key=lambda p: (pair_count[p], p))
        vocab[next_id] = best[0] + best[1]
        merges.append(best)
        for k in pair_words.pop(best):
            w, n = words[k]
            for p in zip(w, w[1:]):
                pair_count[p] -= n
                if pair_count[p] == 0:
                    del pair_count[p]
            i = 0
            while i < len(w) - 1:
                if w[i] == best[0] and w[i + 1] == best[1]:
                    w[i:i + 2] = [best[0] + best[1]]
                i += 1
            for p in zip(w, w[1:]):
                pair_count[p] += n
                pair_words[p].add(k)
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.id_of = {b: i for i, b in vocab.items()}
        self.ranks = dict(zip(merges, range(len(merges))))
        self.special_tokens = special_tokens

    def _bpe(self, w):
        while len(w) > 1:
            ranked = [(self.ranks[p], i) for i, p in enumerate(zip(w, w[1:])) if p in self.ranks]
            if not ranked:
                break
            i = min(ranked)[1]
            w[i:i + 2] = [w[i] + w[i + 1]]
        return w

    def encode(self, text):
        ids = []
        for part in split_parts(text, self.special_tokens):
            if part in self.special_tokens:
                ids.append(self.id_of[part.encode("utf-8")])
            else:
                for w in re.findall(GPT2_SPLIT_PATTERN, part):
                    ids.extend(self.id_of[t] for t in self._bpe([bytes([b]) for b in w.encode("utf-8")]))
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
