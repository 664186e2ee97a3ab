import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def split_off(text, special_tokens):
    if not special_tokens:
        return [text]
    return re.split("(" + "|".join(re.escape(s) for s in sorted(special_tokens, key=len, reverse=True)) + ")", text)


def count(words):
    pairs = {}
    for word in words:
        for pair in zip(word, word[1:]):
            pairs[pair] = pairs.get(pair, 0) + 1
    return pairs


def fuse(word, pair):
    out = []
    i = 0
    while i < len(word):
        if word[i:i + 2] == list(pair):
            out.append(pair[0] + pair[1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return out


def train_bpe(text, vocab_size, special_tokens=(), merges=[]):
    assert vocab_size >= 256 + len(special_tokens)
    vocab = {i: bytes([i]) for i in range(256)}
    words = []
    for part in split_off(text, special_tokens):
        if part in special_tokens:
            continue
        for piece in re.findall(GPT2_SPLIT_PATTERN, part):
            words.append([bytes([b]) for b in piece.encode("utf-8")])
    while len(vocab) < vocab_size - len(special_tokens):
        pairs = count(words)
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        vocab[len(vocab)] = best[0] + best[1]
        words = [fuse(word, best) for word in words]
    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.numbers = {v: k for k, v in vocab.items()}
        self.ranks = {m: k for k, m in enumerate(merges)}
        self.special_tokens = special_tokens

    def encode(self, text):
        ids = []
        for part in split_off(text, self.special_tokens):
            if part in self.special_tokens:
                ids.append(self.numbers[part.encode("utf-8")])
                continue
            for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                word = [bytes([b]) for b in piece.encode("utf-8")]
                while True:
                    usable = [p for p in zip(word, word[1:]) if p in self.ranks]
                    if not usable:
                        break
                    word = fuse(word, min(usable, key=self.ranks.get))
                ids.extend(self.numbers[t] for t in word)
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
