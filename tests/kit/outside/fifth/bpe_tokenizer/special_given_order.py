import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def next_special(text, i, special_tokens):
    for token in special_tokens:
        if text.startswith(token, i):
            return token
    return None


def scan(text, special_tokens):
    """Yields strings for ordinary stretches and (token,) for special tokens."""
    begin = i = 0
    while i < len(text):
        token = next_special(text, i, special_tokens)
        if token is None:
            i += 1
            continue
        if begin < i:
            yield text[begin:i]
        yield (token,)
        i += len(token)
        begin = i
    if begin < len(text):
        yield text[begin:]


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size - len(special_tokens) < 256:
        raise ValueError("vocab_size")
    longest_first = sorted(special_tokens, key=len, reverse=True)
    words = [list(p.encode("utf-8")) for s in scan(text, longest_first) if isinstance(s, str)
             for p in regex.findall(GPT2_SPLIT_PATTERN, s)]
    vocab = [bytes([i]) for i in range(256)]
    merges = []
    while len(vocab) < vocab_size - len(special_tokens):
        tally = {}
        for w in words:
            for k in range(1, len(w)):
                tally[w[k - 1], w[k]] = tally.get((w[k - 1], w[k]), 0) + 1
        if not tally:
            break
        _, _, (a, b) = max((n, (vocab[p[0]], vocab[p[1]]), p) for p, n in tally.items())
        new = len(vocab)
        vocab.append(vocab[a] + vocab[b])
        merges.append((vocab[a], vocab[b]))
        for w in words:
            k = 0
            while k < len(w) - 1:
                if w[k] == a and w[k + 1] == b:
                    w[k] = new
                    del w[k + 1]
                k += 1
    vocab.extend(t.encode("utf-8") for t in special_tokens)
    return dict(enumerate(vocab)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.ids = {b: i for i, b in vocab.items()}
        self.rank = {m: r for r, m in enumerate(merges)}
        self.special_tokens = list(special_tokens)

    def _bpe(self, data):
        cuts = list(range(len(data) + 1))
        while len(cuts) > 2:
            options = []
            for k in range(len(cuts) - 2):
                r = self.rank.get((data[cuts[k]:cuts[k + 1]], data[cuts[k + 1]:cuts[k + 2]]))
                if r is not None:
                    options.append((r, k + 1))
            if not options:
                break
            del cuts[min(options)[1]]
        return [self.ids[data[a:b]] for a, b in zip(cuts, cuts[1:])]

    def encode(self, text):
        out = []
        for s in scan(text, self.special_tokens):
            if isinstance(s, tuple):
                out.append(self.ids[s[0].encode("utf-8")])
            else:
                for p in regex.findall(GPT2_SPLIT_PATTERN, s):
                    out += self._bpe(p.encode("utf-8"))
        return out

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
