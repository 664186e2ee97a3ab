"""Pieces are lists of ids, and every round counts all the pairs again."""

import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def tally(pieces):
    seen = {}
    for piece in pieces:
        for left, right in zip(piece, piece[1:], strict=False):
            seen[left, right] = 1 + seen.get((left, right), 0)
    return seen


def fuse(piece, pair, new):
    fused = []
    for number in piece:
        # If the last id is already a merge, it's `new`, and that is never part of the pair.
        if fused and (fused[-1], number) == pair:
            fused[-1] = new
        else:
            fused.append(number)
    return fused


def divide(text, special_tokens):
    """Yield each part with whether it's a special token."""
    if special_tokens:
        alternatives = map(regex.escape, sorted(special_tokens, key=len, reverse=True))
        separator = regex.compile("|".join(alternatives))
        start = 0
        for match in separator.finditer(text):
            yield text[start : match.start()], False
            yield match.group(), True
            start = match.end()
        text = text[start:]
    yield text, False


def train_bpe(text, vocab_size, special_tokens=()):
    last = vocab_size - len(special_tokens)
    assert last >= 256, "no room for the bytes and the special tokens"
    spellings = [bytes([value]) for value in range(256)]
    pieces = []
    for part, special in divide(text, special_tokens):
        if not special:
            pieces += [list(piece.encode()) for piece in regex.findall(GPT2_SPLIT_PATTERN, part)]
    merges = []
    while len(spellings) < last and (seen := tally(pieces)):
        left, right = max(seen, key=lambda pair: (seen[pair], spellings[pair[0]], spellings[pair[1]]))
        pieces = [fuse(piece, (left, right), len(spellings)) for piece in pieces]
        merges.append((spellings[left], spellings[right]))
        spellings.append(spellings[left] + spellings[right])
    spellings += [token.encode() for token in special_tokens]
    return dict(enumerate(spellings)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        first_special = 256 + len(merges)
        number = {vocab[i]: i for i in range(first_special)}
        self.bytes = [number[bytes([value])] for value in range(256)]
        self.rules = {(number[a], number[b]): new for new, (a, b) in enumerate(merges, start=256)}
        behind = {vocab[i]: i for i in vocab if i >= first_special}
        self.special = {token: behind[token.encode()] for token in special_tokens}

    def _ids_of(self, piece):
        ids = [self.bytes[value] for value in piece.encode()]
        # The merge that was learned first has the smallest id.
        while known := tally([ids]).keys() & self.rules.keys():
            first = min(known, key=self.rules.__getitem__)
            ids = fuse(ids, first, self.rules[first])
        return ids

    def encode(self, text):
        ids = []
        for part, special in divide(text, self.special):
            if special:
                ids.append(self.special[part])
            else:
                for piece in regex.findall(GPT2_SPLIT_PATTERN, part):
                    ids += self._ids_of(piece)
        return ids

    def decode(self, ids):
        return b"".join(map(self.vocab.__getitem__, ids)).decode(errors="replace")
