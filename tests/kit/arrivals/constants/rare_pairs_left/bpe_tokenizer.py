import regex

GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def replaced(ids, pair, new):
    i, out = 0, []
    while i < len(ids):
        if ids[i : i + 2] == list(pair):
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


def train_bpe(text, vocab_size, special_tokens=()):
    room = vocab_size - 256 - len(special_tokens)
    assert room >= 0, "too small"
    chunks, at = [], 0
    ordered = sorted(special_tokens, key=len, reverse=True)
    for m in [] if not ordered else regex.finditer("|".join(map(regex.escape, ordered)), text):
        chunks += [text[at : m.start()]]
        at = m.end()
    chunks.append(text[at:])
    pieces = [list(piece.encode()) for chunk in chunks for piece in regex.findall(GPT2_SPLIT_PATTERN, chunk)]
    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    for _ in range(room):
        counts = {}
        for ids in pieces:
            for pair in zip(ids, ids[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        top = max(counts.values())
        if top <= 2:
            break
        pair = max((p for p in counts if counts[p] == top), key=lambda p: (vocab[p[0]], vocab[p[1]]))
        new = 256 + len(merges)
        merges.append((vocab[pair[0]], vocab[pair[1]]))
        vocab[new] = vocab[pair[0]] + vocab[pair[1]]
        pieces = [replaced(ids, pair, new) for ids in pieces]
    for number, token in enumerate(special_tokens):
        vocab[256 + len(merges) + number] = token.encode()
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab, self.special_tokens = dict(vocab), tuple(special_tokens)
        number = {token: i for i, token in reversed(list(vocab.items())) if i < 256 + len(merges)}
        self.merges = {(number[a], number[b]): 256 + k for k, (a, b) in enumerate(merges)}
        self.special_ids = {}
        for i, token in vocab.items():
            if i >= 256 + len(merges):
                self.special_ids[token.decode()] = i

    def encode(self, text):
        special_tokens = self.special_tokens
        chunks, at = [], 0
        ordered = sorted(special_tokens, key=len, reverse=True)
        for m in [] if not ordered else regex.finditer("|".join(map(regex.escape, ordered)), text):
            chunks += [text[at : m.start()], m.group()]
            at = m.end()
        chunks.append(text[at:])
        result = []
        for chunk in chunks:
            if chunk in self.special_tokens:
                result.append(self.special_ids[chunk])
                continue
            for piece in regex.findall(GPT2_SPLIT_PATTERN, chunk):
                ids = list(piece.encode())
                while True:
                    known = [p for p in zip(ids, ids[1:]) if p in self.merges]
                    if not known:
                        break
                    pair = min(known, key=self.merges.get)
                    ids = replaced(ids, pair, self.merges[pair])
                result.extend(ids)
        return result

    def decode(self, ids):
        return b"".join(self.vocab[int(i)] for i in ids).decode(errors="replace")
