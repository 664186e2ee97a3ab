import regex as re
from collections import defaultdict

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def train_bpe(text: str, vocab_size: int, special_tokens=()):
    n_merges = vocab_size - 256 - len(special_tokens)
    if n_merges < 0:
        raise ValueError("vocab_size must be at least 256 plus the number of special tokens")

    # 1. pre-tokenise
    pre_tokens = re.findall(GPT2_SPLIT_PATTERN, text)

    # 2. count the pre-tokens
    freqs = defaultdict(int)
    for p in pre_tokens:
        freqs[p] += 1
    splits = {p: [bytes([b]) for b in p.encode("utf-8")] for p in freqs}

    # 3. merge
    merges = []
    for _ in range(n_merges):
        pair_freqs = defaultdict(int)
        for p, f in freqs.items():
            s = splits[p]
            for i in range(len(s) - 1):
                pair_freqs[(s[i], s[i + 1])] += f
        if not pair_freqs:
            break
        best = max(pair_freqs, key=lambda q: (pair_freqs[q], q))
        for p in splits:
            s = splits[p]
            i = 0
            while i < len(s) - 1:
                if (s[i], s[i + 1]) == best:
                    s = s[:i] + [best[0] + best[1]] + s[i + 2:]
                i += 1
            splits[p] = s
        merges.append(best)

    # 4. vocabulary
    vocab = {i: bytes([i]) for i in range(256)}
    for a, b in merges:
        vocab[len(vocab)] = a + b
    for t in special_tokens:
        vocab[len(vocab)] = t.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.token_to_id = {v: k for k, v in vocab.items()}
        self.merge_rank = {m: i for i, m in enumerate(merges)}
        self.special_tokens = sorted(special_tokens, key=len, reverse=True)

    def _tokenize(self, piece):
        s = [bytes([b]) for b in piece.encode("utf-8")]
        while True:
            known = [q for q in zip(s, s[1:]) if q in self.merge_rank]
            if not known:
                return s
            best = min(known, key=self.merge_rank.__getitem__)
            i = 0
            while i < len(s) - 1:
                if (s[i], s[i + 1]) == best:
                    s = s[:i] + [best[0] + best[1]] + s[i + 2:]
                i += 1

    def encode(self, text):
        chunks = [text]
        if self.special_tokens:
            chunks = re.split("(" + "|".join(re.escape(t) for t in self.special_tokens) + ")", text)
        ids = []
        for chunk in chunks:
            if chunk in self.special_tokens:
                ids.append(self.token_to_id[chunk.encode("utf-8")])
            else:
                for piece in re.findall(GPT2_SPLIT_PATTERN, chunk):
                    ids += [self.token_to_id[t] for t in self._tokenize(piece)]
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
