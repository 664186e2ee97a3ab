from collections import Counter
from itertools import pairwise
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def parts_of(text, special_tokens):
    if not special_tokens:
        return [text]
    return re.split("(" + "|".join(map(re.escape, sorted(special_tokens, key=len, reverse=True))) + ")", text)


def merged(ids, pair, new):
    out = []
    for i in ids:
        if out and (out[-1], i) == pair:
            out[-1] = new
        else:
            out.append(i)
    return tuple(out)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    words = Counter(tuple(m.group().encode()) for part in parts_of(text, special_tokens) if part not in special_tokens
                    for m in re.finditer(GPT2_SPLIT_PATTERN, part))
    while len(vocab) < vocab_size - len(special_tokens):
        pairs = Counter()
        for word, n in words.items():
            for pair in pairwise(word):
                pairs[pair] += n
        if not pairs:
            break
        pair = max(pairs, key=lambda p: (pairs[p], *(vocab[i] for i in p)))
        left, right = (vocab[i] for i in pair)
        new = len(vocab)
        vocab[new] = left + right
        merges.append((left, right))
        words = Counter({merged(word, pair, new): n for word, n in words.items()})
    for token in special_tokens:
        vocab[len(vocab)] = token.encode()
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.id_to_token = dict(vocab)
        self.token_to_id = {t: i for i, t in vocab.items()}
        self.ranks = {pair: r for r, pair in enumerate(merges)}
        self.special_tokens = tuple(special_tokens)

    def _encode_piece(self, piece):
        ids = tuple(piece.encode())
        while len(ids) > 1:
            ranked = {(self.id_to_token[a], self.id_to_token[b]): (a, b) for a, b in pairwise(ids)}
            best = min(ranked, key=lambda p: self.ranks.get(p, float("inf")))
            if best not in self.ranks:
                break
            ids = merged(ids, ranked[best], self.token_to_id[best[0] + best[1]])
        return ids

    def encode(self, text):
        ids = []
        for part in parts_of(text, self.special_tokens):
            if part in self.special_tokens:
                ids.append(self.token_to_id[part.encode()])
            else:
                for m in re.finditer(GPT2_SPLIT_PATTERN, part):
                    ids.extend(self._encode_piece(m.group()))
        return ids

    def decode(self, ids):
        return b"".join(self.id_to_token.get(i, b"") for i in ids).decode("utf-8", errors="replace")
