from collections import defaultdict
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def _regions(text, specials):
    """[(text, is_special), ...]"""
    if not specials:
        return [(text, False)]
    alternatives = "|".join(re.escape(s) for s in sorted(specials, key=len, reverse=True))
    return [(t, k % 2 == 1) for k, t in enumerate(re.split(f"({alternatives})", text))]


def _merge(seq, left, right):
    out = []
    i, n = 0, len(seq)
    while i < n:
        if i + 1 < n and seq[i] == left and seq[i + 1] == right:
            out.append(left + right)
            i += 2
        else:
            out.append(seq[i])
            i += 1
    return out


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")
    occurrences = defaultdict(int)
    for t, special in _regions(text, special_tokens):
        if not special:
            for piece in re.findall(GPT2_SPLIT_PATTERN, t):
                occurrences[piece] += 1
    seqs = {piece: [bytes([b]) for b in piece.encode("utf-8")] for piece in occurrences}
    merges = []
    for _ in range(vocab_size - 256 - len(special_tokens)):
        score = defaultdict(int)
        for piece, seq in seqs.items():
            for left, right in zip(seq, seq[1:]):
                score[left, right] += occurrences[piece]
        if not score:
            break
        left, right = max(sorted(score, reverse=True), key=score.get)
        merges.append((left, right))
        seqs = {piece: _merge(seq, left, right) for piece, seq in seqs.items()}
    tokens = [bytes([b]) for b in range(256)] + [l + r for l, r in merges] + [s.encode("utf-8") for s in special_tokens]
    return {i: t for i, t in enumerate(tokens)}, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.tokens = [vocab[i] for i in range(len(vocab))]
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        self.rank = {m: r for r, m in enumerate(merges)}
        self.special_tokens = special_tokens

    def _bpe(self, seq):
        while True:
            known = [p for p in zip(seq, seq[1:]) if p in self.rank]
            if not known:
                return seq
            seq = _merge(seq, *min(known, key=self.rank.get))

    def encode(self, text):
        out = []
        for t, special in _regions(text, self.special_tokens):
            if special:
                out.append(self.ids[t.encode("utf-8")])
            else:
                for piece in re.findall(GPT2_SPLIT_PATTERN, t):
                    out.extend(self.ids[b] for b in self._bpe([bytes([b]) for b in piece.encode("utf-8")]))
        return out

    def decode(self, ids):
        try:
            data = b"".join(self.tokens[i] for i in ids)
        except IndexError:
            raise KeyError("id is not in the vocabulary")
        return data.decode("utf-8", errors="replace")
