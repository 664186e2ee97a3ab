# MISTAKE: A piece is encoded by taking the longest vocabulary entry from the left; right is to apply the merges in order of rank.
from collections import Counter

import regex as re

GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def split_on_special(text, special_tokens):
    if not special_tokens:
        return [text]
    alternatives = "|".join(re.escape(s) for s in sorted(special_tokens, key=len, reverse=True))
    return re.split(f"({alternatives})", text)


def train_bpe(text, vocab_size, special_tokens=()):
    num_merges = vocab_size - 256 - len(special_tokens)
    if num_merges < 0:
        raise ValueError("vocab_size too small")
    seqs = []
    for part in split_on_special(text, special_tokens):
        if part not in special_tokens:
            seqs += [[bytes([b]) for b in p.encode("utf-8")] for p in re.findall(GPT2_SPLIT_PATTERN, part)]
    merges = []
    for _ in range(num_merges):
        counts = Counter(pair for seq in seqs for pair in zip(seq, seq[1:]))
        if len(counts) == 0:
            break
        top = max(counts.values())
        a, b = max(pair for pair, c in counts.items() if c == top)
        merges.append((a, b))
        for seq in seqs:
            i = 0
            while i + 1 < len(seq):
                if seq[i] == a and seq[i + 1] == b:
                    seq[i] = a + b
                    del seq[i + 1]
                i += 1
    vocab = {i: bytes([i]) for i in range(256)}
    for a, b in merges:
        vocab[len(vocab)] = a + b
    for s in special_tokens:
        vocab[len(vocab)] = s.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.str_to_special = {}
        self.vocab = vocab
        self.inverse = {}
        n_ordinary = len(vocab) - len(special_tokens)
        for i, token in vocab.items():
            if i < n_ordinary:
                self.inverse[token] = i
            else:
                self.str_to_special[token.decode("utf-8")] = i
        self.longest = max(len(t) for t in self.inverse)

    def encode(self, text):
        ids = []
        for part in split_on_special(text, list(self.str_to_special)):
            if part in self.str_to_special:
                ids.append(self.str_to_special[part])
                continue
            for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                data = piece.encode("utf-8")
                i = 0
                while i < len(data):
                    for size in range(min(self.longest, len(data) - i), 0, -1):
                        if data[i : i + size] in self.inverse:
                            ids.append(self.inverse[data[i : i + size]])
                            i += size
                            break
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
