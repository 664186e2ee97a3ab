from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def pretokenize(text, special_tokens):
    chunks = [text]
    if special_tokens:
        ordered = sorted(special_tokens, key=len, reverse=True)
        chunks = re.split("|".join(re.escape(t) for t in ordered), text)
    words = Counter()
    for chunk in chunks:
        for m in re.finditer(GPT2_SPLIT_PATTERN, chunk):
            words[tuple(bytes([b]) for b in m.group().encode("utf-8"))] += 1
    return words


def merge_word(word, pair):
    out = []
    i = 0
    while i < len(word):
        if word[i:i + 2] == pair:
            out.append(pair[0] + pair[1])
            i += 2
        else:
            out.append(word[i])
            i += 1
    return tuple(out)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size is too small")
    words = pretokenize(text, special_tokens)
    merges = []
    for _ in range(vocab_size - 256 - len(special_tokens)):
        pairs = Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        if not pairs:
            break
        best, _count = pairs.most_common(1)[0]
        merges.append(best)
        words = Counter({merge_word(word, best): n for word, n in words.items()})
    tokens = [bytes([i]) for i in range(256)]
    tokens.extend(a + b for a, b in merges)
    tokens.extend(t.encode("utf-8") for t in special_tokens)
    return dict(enumerate(tokens)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.inverse = {v: k for k, v in vocab.items()}
        self.merges = merges
        self.special_tokens = sorted(special_tokens, key=len, reverse=True)

    def encode(self, text):
        if self.special_tokens:
            parts = re.split("(" + "|".join(map(re.escape, self.special_tokens)) + ")", text)
        else:
            parts = [text]
        ids = []
        for part in parts:
            if part in self.special_tokens:
                ids.append(self.inverse[part.encode("utf-8")])
                continue
            for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                word = tuple(bytes([b]) for b in piece.encode("utf-8"))
                for pair in self.merges:
                    if len(word) == 1:
                        break
                    word = merge_word(word, pair)
                ids += [self.inverse[t] for t in word]
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
