from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def get_pairs(word):
    pairs = set()
    prev_char = word[0]
    for char in word[1:]:
        pairs.add((prev_char, char))
        prev_char = char
    return pairs


def merge_word(word, first, second):
    new_word = []
    i = 0
    while i < len(word):
        if word[i] == first and i < len(word) - 1 and word[i + 1] == second:
            new_word.append(first + second)
            i += 2
        else:
            new_word.append(word[i])
            i += 1
    return tuple(new_word)


def split_text(text, special_tokens):
    if not special_tokens:
        return [text]
    pat = "|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True))
    return re.split("(" + pat + ")", text)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")
    words = Counter()
    for part in split_text(text, special_tokens):
        if part in special_tokens:
            continue
        words.update(tuple(bytes([b]) for b in tok.encode("utf-8")) for tok in re.findall(GPT2_SPLIT_PATTERN, part))
    encoder = [bytes([b]) for b in range(256)]
    merges = []
    while len(encoder) < vocab_size - len(special_tokens):
        freqs = Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                freqs[pair] += n
        if not freqs:
            break
        first, second = max(freqs, key=lambda p: (freqs[p], p))
        merges.append((first, second))
        encoder.append(first + second)
        words = Counter({merge_word(w, first, second): n for w, n in words.items()})
    encoder.extend(t.encode("utf-8") for t in special_tokens)
    return dict(enumerate(encoder)), merges


class BPETokenizer:
    cache = {}

    def __init__(self, vocab, merges, special_tokens=()):
        self.decoder = vocab
        self.encoder = {v: k for k, v in vocab.items()}
        self.bpe_ranks = dict(zip(merges, range(len(merges))))
        self.special_tokens = list(special_tokens)

    def bpe(self, token):
        if token in self.cache:
            return self.cache[token]
        word = tuple(bytes([b]) for b in token.encode("utf-8"))
        while len(word) > 1:
            bigram = min(get_pairs(word), key=lambda pair: self.bpe_ranks.get(pair, float("inf")))
            if bigram not in self.bpe_ranks:
                break
            word = merge_word(word, *bigram)
        self.cache[token] = word
        return word

    def encode(self, text):
        bpe_tokens = []
        for part in split_text(text, self.special_tokens):
            if part in self.special_tokens:
                bpe_tokens.append(self.encoder[part.encode("utf-8")])
            else:
                for token in re.findall(GPT2_SPLIT_PATTERN, part):
                    bpe_tokens.extend(self.encoder[t] for t in self.bpe(token))
        return bpe_tokens

    def decode(self, ids):
        return b"".join(self.decoder[i] for i in ids).decode("utf-8", errors="replace")
