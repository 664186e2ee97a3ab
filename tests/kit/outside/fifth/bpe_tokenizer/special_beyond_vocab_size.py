import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class BasicBPE:
    def __init__(self, special_tokens):
        self.special_tokens = special_tokens
        self.vocab = {i: bytes([i]) for i in range(256)}
        self.merges = []

    def chunks(self, text):
        if self.special_tokens:
            pattern = "|".join(re.escape(s) for s in sorted(self.special_tokens, key=len, reverse=True))
            parts = re.split(pattern, text)
        else:
            parts = [text]
        for part in parts:
            yield from re.findall(GPT2_SPLIT_PATTERN, part)

    def train(self, text, num_merges):
        seqs = [list(c.encode("utf-8")) for c in self.chunks(text)]
        for k in range(num_merges):
            stats = {}
            for s in seqs:
                for p in zip(s, s[1:]):
                    stats[p] = stats.get(p, 0) + 1
            if not stats:
                return
            p = max(stats, key=lambda q: (stats[q], (self.vocab[q[0]], self.vocab[q[1]])))
            new = len(self.vocab)
            self.vocab[new] = self.vocab[p[0]] + self.vocab[p[1]]
            self.merges.append((self.vocab[p[0]], self.vocab[p[1]]))
            seqs = [self.replace(s, p, new) for s in seqs]

    @staticmethod
    def replace(s, p, new):
        out = []
        it = iter(range(len(s)))
        for i in it:
            if tuple(s[i:i + 2]) == p:
                out.append(new)
                next(it)
            else:
                out.append(s[i])
        return out

    def register_special_tokens(self):
        for s in self.special_tokens:
            self.vocab[len(self.vocab)] = s.encode("utf-8")


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size is smaller than the base vocabulary")
    bpe = BasicBPE(special_tokens)
    bpe.train(text, vocab_size - 256)
    bpe.register_special_tokens()
    return bpe.vocab, bpe.merges


class BPETokenizer(BasicBPE):
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {v: k for k, v in vocab.items()}
        self.table = {(self.ids[a], self.ids[b]): self.ids[a + b] for a, b in merges}
        self.special_tokens = list(special_tokens)

    def encode_ordinary(self, text):
        out = []
        for c in re.findall(GPT2_SPLIT_PATTERN, text):
            s = list(c.encode("utf-8"))
            while True:
                options = [p for p in zip(s, s[1:]) if p in self.table]
                if not options:
                    break
                p = min(options, key=self.table.get)
                s = self.replace(s, p, self.table[p])
            out.extend(s)
        return out

    def encode(self, text):
        if not self.special_tokens:
            return self.encode_ordinary(text)
        out = []
        pattern = "(" + "|".join(re.escape(s) for s in sorted(self.special_tokens, key=len, reverse=True)) + ")"
        for k, part in enumerate(re.split(pattern, text)):
            out += [self.ids[part.encode("utf-8")]] if k % 2 else self.encode_ordinary(part)
        return out

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
