from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+"


def pieces(text, special_tokens):
    """Yields (piece, is_special) in order."""
    rx = None
    if special_tokens:
        rx = re.compile("|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)))
    pos = 0
    while True:
        m = rx.search(text, pos) if rx else None
        end = m.start() if m else len(text)
        for piece in re.findall(GPT2_SPLIT_PATTERN, text[pos:end]):
            yield piece, False
        if m is None:
            return
        yield m.group(), True
        pos = m.end()


def bigrams(word):
    return [(word[i], word[i + 1]) for i in range(len(word) - 1)]


def join(word, left, right):
    result, pending = [], list(reversed(word))
    while pending:
        t = pending.pop()
        if t == left and pending and pending[-1] == right:
            t = t + pending.pop()
        result.append(t)
    return tuple(result)


def train_bpe(text, vocab_size, special_tokens=()):
    size = 256 + len(special_tokens)
    if vocab_size < size:
        raise ValueError(f"{vocab_size} < {size}")
    words = Counter(tuple(bytes([b]) for b in p.encode("utf-8")) for p, special in pieces(text, special_tokens) if not special)
    merges = []
    while size + len(merges) < vocab_size:
        totals = Counter()
        for w, n in words.items():
            for pair in bigrams(w):
                totals[pair] += n
        if not totals:
            break
        best = max(totals, key=lambda pair: (totals[pair], pair))
        merges.append(best)
        words = Counter({join(w, *best): n for w, n in words.items()})
    every = [bytes([b]) for b in range(256)] + [l + r for l, r in merges] + [t.encode("utf-8") for t in special_tokens]
    return {i: t for i, t in enumerate(every)}, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.index = {t: i for i, t in vocab.items()}
        self.order = {pair: k for k, pair in enumerate(merges)}
        self.special_tokens = list(special_tokens)

    def encode(self, text):
        ids = []
        for piece, special in pieces(text, self.special_tokens):
            if special:
                ids.append(self.index[piece.encode("utf-8")])
                continue
            word = tuple(bytes([b]) for b in piece.encode("utf-8"))
            while candidates := [p for p in bigrams(word) if p in self.order]:
                word = join(word, *min(candidates, key=self.order.get))
            ids.extend(self.index[t] for t in word)
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
