from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class Pretokenizer:
    def __init__(self, special_tokens):
        self.special = list(special_tokens)
        self.rx = re.compile("(" + "|".join(re.escape(t) for t in sorted(self.special, key=len, reverse=True)) + ")") if self.special else None

    def __call__(self, text):
        for part in (self.rx.split(text) if self.rx else [text]):
            if self.rx and part in self.special:
                yield part, True
            else:
                for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                    yield piece, False


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    words = Counter(p for p, special in Pretokenizer(special_tokens)(text) if not special)
    splits = {w: [bytes([b]) for b in w.encode("utf-8")] for w in words}
    merges = []
    while len(merges) + 256 + len(special_tokens) < vocab_size:
        pairs = Counter()
        for w, n in words.items():
            s = splits[w]
            for i in range(len(s) - 1):
                pairs[s[i], s[i + 1]] += n
        if not pairs:
            break
        a, b = best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        for w in words:
            s = splits[w]
            if len(s) == 1:
                continue
            i = 0
            while i < len(s) - 1:
                if s[i] == a and s[i + 1] == b:
                    s = s[:i] + [a + b] + s[i + 2:]
                i += 1
            splits[w] = s
    vocab = [bytes([i]) for i in range(256)] + [a + b for a, b in merges] + [t.encode("utf-8") for t in special_tokens]
    return dict(enumerate(vocab)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.token_to_id = {t: i for i, t in vocab.items()}
        self.merges = {m: i for i, m in enumerate(merges)}
        self.pretokenize = Pretokenizer(special_tokens)
        self.all_special_ids = {self.token_to_id[t.encode("utf-8")] for t in special_tokens}

    def encode(self, text):
        ids = []
        for piece, special in self.pretokenize(text):
            if special:
                ids.append(self.token_to_id[piece.encode("utf-8")])
                continue
            s = [bytes([b]) for b in piece.encode("utf-8")]
            while len(s) > 1:
                i = min(range(len(s) - 1), key=lambda i: self.merges.get((s[i], s[i + 1]), float("inf")))
                if (s[i], s[i + 1]) not in self.merges:
                    break
                s[i:i + 2] = [s[i] + s[i + 1]]
            ids.extend(self.token_to_id[t] for t in s)
        return ids

    def decode(self, ids, skip_special_tokens=True):
        if skip_special_tokens:
            ids = [i for i in ids if i not in self.all_special_ids]
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
