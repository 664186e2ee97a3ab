"""Each token is one character of a string, so that str.replace does the merging."""

import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
BASE = 0x10000  # one character per id, above the surrogates


def _row(piece):
    return "".join(chr(BASE + value) for value in piece.encode())


def train_bpe(text, vocab_size, special_tokens=()):
    tokens = [bytes([i]) for i in range(256)]
    if len(tokens) + len(special_tokens) > vocab_size:
        raise AssertionError("vocab_size is too small")
    rest = [text]
    if special_tokens:
        rest = regex.split("|".join(regex.escape(t) for t in sorted(special_tokens, key=len, reverse=True)), text)
    rows = [_row(piece) for part in rest for piece in regex.findall(GPT2_SPLIT_PATTERN, part)]
    merges = []
    while len(tokens) + len(special_tokens) < vocab_size:
        pairs = [row[i : i + 2] for row in rows for i in range(len(row) - 1)]
        if not pairs:
            break
        counted = {pair: 0 for pair in pairs}
        for pair in pairs:
            counted[pair] += 1
        most = max(counted.values())
        spelled = {tuple(tokens[ord(c) - BASE] for c in pair): pair for pair, n in counted.items() if n == most}
        best = sorted(spelled)[-1]
        new = chr(BASE + len(tokens))
        rows = [row.replace(spelled[best], new) for row in rows]
        tokens.append(b"".join(best))
        merges.append(best)
    tokens.extend(t.encode() for t in special_tokens)
    return dict(zip(range(len(tokens)), tokens, strict=False)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        number = {vocab[i]: i for i in range(256 + len(merges))}
        self.rules = [(chr(BASE + number[a]) + chr(BASE + number[b]), chr(BASE + number[a + b])) for a, b in merges]
        self.vocab = vocab.copy()
        behind = sorted(i for i in vocab if i >= 256 + len(merges))
        self.special = {vocab[i].decode(): i for i in behind}
        self.special = {token: self.special[token] for token in sorted(special_tokens, key=len, reverse=True)}

    def encode(self, text):
        if not text:
            return []
        # Recurse around the leftmost special token, or the longest one if several start there.
        hits = [(text.find(token), -len(token), token) for token in self.special if token in text]
        if hits:
            place, _, token = min(hits)
            before, after = text[:place], text[place + len(token) :]
            return [*self.encode(before), self.special[token], *self.encode(after)]
        out = []
        for piece in regex.findall(GPT2_SPLIT_PATTERN, text):
            row = _row(piece)
            for old, new in self.rules:
                row = row.replace(old, new)
            out.extend(ord(c) - BASE for c in row)
        return out

    def decode(self, ids):
        out = b""
        for number in ids:
            if number not in self.vocab:
                raise KeyError(number)
            out += self.vocab[number]
        return out.decode("utf8", "replace")
