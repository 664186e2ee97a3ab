import regex
import tiktoken
from collections import Counter

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def special_regex(special_tokens):
    return regex.compile("|".join(regex.escape(s) for s in sorted(special_tokens, key=len, reverse=True)) or r"(?!)")


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")
    ranks = {bytes([i]): i for i in range(256)}
    words = [[bytes([b]) for b in w.encode("utf-8")]
             for part in special_regex(special_tokens).split(text)
             for w in regex.findall(GPT2_SPLIT_PATTERN, part)]
    merges = []
    while 256 + len(merges) + len(special_tokens) < vocab_size:
        stats = Counter(pair for piece in words for pair in zip(piece[:-1], piece[1:]))
        if not stats:
            break
        pair = max(stats, key=lambda x: (stats[x], x))
        token_bytes = pair[0] + pair[1]
        ranks[token_bytes] = 256 + len(merges)
        merges.append(pair)
        new_words = []
        for word in words:
            new_word = []
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == pair:
                    new_word.append(token_bytes)
                    i += 2
                else:
                    new_word.append(word[i])
                    i += 1
            if i == len(word) - 1:
                new_word.append(word[i])
            new_words.append(new_word)
        words = new_words
    vocab = {i: t for t, i in ranks.items()}
    for s in special_tokens:
        vocab[len(vocab)] = s.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = dict(vocab)
        self.special = {}
        for s in special_tokens:
            for i, b in vocab.items():
                if b == s.encode("utf-8"):
                    self.special[s] = i
        ranks = {bytes([i]): i for i in range(256)}
        for i, (left, right) in enumerate(merges):
            ranks[left + right] = 256 + i
        self.enc = tiktoken.Encoding(name="mine", pat_str=GPT2_SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens={})
        self.special_rx = special_regex(special_tokens)

    def encode(self, text):
        ids, pos = [], 0
        for m in self.special_rx.finditer(text):
            ids += self.enc.encode_ordinary(text[pos:m.start()])
            ids.append(self.special[m.group()])
            pos = m.end()
        return ids + self.enc.encode_ordinary(text[pos:])

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="ignore")
