"""Pieces are lists of ids, and every round counts from scratch, as in minbpe."""

import itertools

import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def get_stats(ids, counts=None):
    counts = {} if counts is None else counts
    for pair in itertools.pairwise(ids):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def merge(ids, pair, idx):
    newids = []
    i = 0
    while i < len(ids):
        if ids[i] == pair[0] and i < len(ids) - 1 and ids[i + 1] == pair[1]:
            newids.append(idx)
            i += 2
        else:
            newids.append(ids[i])
            i += 1
    return newids


def chunks_of(text, special_tokens):
    if not special_tokens:
        return [text]
    pattern = "(" + "|".join(re.escape(k) for k in sorted(special_tokens, key=lambda s: -len(s))) + ")"
    return re.split(pattern, text)


def train_bpe(text, vocab_size, special_tokens=()):
    assert vocab_size >= 256 + len(special_tokens)
    num_merges = vocab_size - 256 - len(special_tokens)
    text_chunks = []
    for chunk in chunks_of(text, special_tokens):
        if chunk not in special_tokens:
            text_chunks.extend(re.findall(GPT2_SPLIT_PATTERN, chunk))
    ids = [list(ch.encode("utf-8")) for ch in text_chunks]
    merges = []
    vocab = {idx: bytes([idx]) for idx in range(256)}
    for i in range(num_merges):
        stats = {}
        for chunk_ids in ids:
            get_stats(chunk_ids, stats)
        if not stats:
            break
        pair = max(stats, key=lambda p: (stats[p], vocab[p[0]], vocab[p[1]]))
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
        of_bytes = {vocab[i]: i for i in range(256 + len(merges))}
        self.merges = {(of_bytes[a], of_bytes[b]): 256 + rank for rank, (a, b) in enumerate(merges)}
        self.of_byte = {vocab[i]: i for i in range(256)}
        first = 256 + len(merges)
        special_ids = {vocab[i]: i for i in vocab if i >= first}
        self.special_tokens = {token: special_ids[token.encode()] for token in special_tokens}

    def _encode_chunk(self, text_bytes):
        ids = [self.of_byte[bytes([b])] for b in text_bytes]
        while len(ids) >= 2:
            stats = get_stats(ids)
            pair = min(stats, key=lambda p: self.merges.get(p, float("inf")))
            if pair not in self.merges:
                break
            ids = merge(ids, pair, self.merges[pair])
        return ids

    def encode(self, text):
        ids = []
        for part in chunks_of(text, self.special_tokens):
            if part in self.special_tokens:
                ids.append(self.special_tokens[part])
            else:
                for chunk in re.findall(GPT2_SPLIT_PATTERN, part):
                    ids.extend(self._encode_chunk(chunk.encode("utf-8")))
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[idx] for idx in ids).decode("utf-8", errors="replace")
