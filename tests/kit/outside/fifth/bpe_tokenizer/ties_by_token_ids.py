"""Minimal (byte-level) Byte Pair Encoding, regex version."""
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def get_stats(ids, counts=None):
    counts = {} if counts is None else counts
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def merge(ids, pair, idx):
    newids = []
    i = 0
    while i < len(ids):
        if ids[i] == pair[0] and i < len(ids) - 1 and ids[i+1] == pair[1]:
            newids.append(idx)
            i += 2
        else:
            newids.append(ids[i])
            i += 1
    return newids


def special_split(text, special):
    if not special:
        return [text]
    special_pattern = "(" + "|".join(re.escape(k) for k in sorted(special, key=len, reverse=True)) + ")"
    return re.split(special_pattern, text)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size must cover the bytes and the special tokens")
    num_merges = vocab_size - 256 - len(special_tokens)
    text_chunks = []
    for part in special_split(text, special_tokens):
        if part not in special_tokens:
            text_chunks.extend(re.findall(GPT2_SPLIT_PATTERN, part))
    ids = [list(ch.encode("utf-8")) for ch in text_chunks]
    merges = []
    vocab = {idx: bytes([idx]) for idx in range(256)}
    for i in range(num_merges):
        stats = {}
        for chunk_ids in ids:
            get_stats(chunk_ids, stats)
        if not stats:
            break
        pair = max(stats, key=lambda p: (stats[p], p))
        idx = 256 + i
        ids = [merge(chunk_ids, pair, idx) for chunk_ids in ids]
        merges.append((vocab[pair[0]], vocab[pair[1]]))
        vocab[idx] = vocab[pair[0]] + vocab[pair[1]]
    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        index = {b: i for i, b in vocab.items()}
        self.merges = {(index[a], index[b]): index[a + b] for a, b in merges}
        self.special_tokens = {t: index[t.encode("utf-8")] for t in special_tokens}

    def _encode_chunk(self, text_bytes):
        ids = list(text_bytes)
        while len(ids) >= 2:
            stats = get_stats(ids)
            pair = min(stats, key=lambda p: self.merges.get(p, float("inf")))
            if pair not in self.merges:
                break
            ids = merge(ids, pair, self.merges[pair])
        return ids

    def encode(self, text):
        ids = []
        for part in special_split(text, self.special_tokens):
            if part in self.special_tokens:
                ids.append(self.special_tokens[part])
            else:
                for chunk in re.findall(GPT2_SPLIT_PATTERN, part):
                    ids.extend(self._encode_chunk(chunk.encode("utf-8")))
        return ids

    def decode(self, ids):
        part_bytes = [self.vocab[idx] for idx in ids]
        return b"".join(part_bytes).decode("utf-8", errors="replace")
