from __future__ import annotations

import collections
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def train_bpe(text: str, vocab_size: int, special_tokens: list[str] = ()) -> tuple[dict[int, bytes], list[tuple[bytes, bytes]]]:
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    vocab: dict[int, bytes] = {i: bytes([i]) for i in range(256)}
    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")

    docs = [text]
    if special_tokens:
        docs = re.split("|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)), text)

    counts = collections.Counter(m.group() for doc in docs for m in re.finditer(GPT2_SPLIT_PATTERN, doc))
    sequences = [[bytes([b]) for b in piece.encode("utf-8")] for piece in counts]
    freqs = list(counts.values())

    merges: list[tuple[bytes, bytes]] = []
    while len(vocab) < vocab_size:
        pair_counts: dict[tuple[bytes, bytes], int] = collections.defaultdict(int)
        for seq, freq in zip(sequences, freqs):
            for left, right in zip(seq, seq[1:]):
                pair_counts[left, right] += freq
        if not pair_counts:
            break
        _, (left, right) = max((c, p) for p, c in pair_counts.items())
        merges.append((left, right))
        vocab[len(vocab)] = left + right
        for seq in sequences:
            i = 0
            while i + 1 < len(seq):
                if seq[i] == left and seq[i + 1] == right:
                    seq[i:i + 2] = [left + right]
                i += 1
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.vocab_inv = {v: k for k, v in vocab.items()}
        self.merges = {m: i for i, m in enumerate(merges)}
        self.special_tokens = set(special_tokens)
        self.special_re = None
        if self.special_tokens:
            self.special_re = re.compile("(" + "|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)) + ")")

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for chunk in (self.special_re.split(text) if self.special_re else [text]):
            if chunk in self.special_tokens:
                ids.append(self.vocab_inv[chunk.encode("utf-8")])
                continue
            for m in re.finditer(GPT2_SPLIT_PATTERN, chunk):
                seq = [bytes([b]) for b in m.group().encode("utf-8")]
                while len(seq) > 1:
                    best, at = None, -1
                    for i in range(len(seq) - 1):
                        r = self.merges.get((seq[i], seq[i + 1]))
                        if r is not None and (best is None or r < best):
                            best, at = r, i
                    if best is None:
                        break
                    seq[at:at + 2] = [seq[at] + seq[at + 1]]
                ids.extend(self.vocab_inv[t] for t in seq)
        return ids

    def decode(self, ids: list[int]) -> str:
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
