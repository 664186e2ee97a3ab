from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def words_of(text, special_tokens):
    if special_tokens:
        text_parts = re.split("|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)), text)
    else:
        text_parts = [text]
    return Counter(tuple(m.group().encode("utf-8")) for part in text_parts for m in re.finditer(GPT2_SPLIT_PATTERN, part))


def train_bpe(text, vocab_size, special_tokens=()):
    num_merges = max(0, vocab_size - 256 - len(special_tokens))
    vocab = {i: bytes((i,)) for i in range(256)}
    merges = []
    words = words_of(text, special_tokens)
    for new_id in range(256, 256 + num_merges):
        stats = Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                stats[pair] += n
        if len(stats) == 0:
            break
        highest = max(stats.values())
        a, b = max((p for p, n in stats.items() if n == highest), key=lambda p: [vocab[p[0]], vocab[p[1]]])
        vocab[new_id] = vocab[a] + vocab[b]
        merges.append((vocab[a], vocab[b]))
        new_words = Counter()
        for word, n in words.items():
            new_word = []
            for t in word:
                if new_word and new_word[-1] == a and t == b:
                    new_word[-1] = new_id
                else:
                    new_word.append(t)
            new_words[tuple(new_word)] += n
        words = new_words
    for t in special_tokens:
        vocab[len(vocab)] = t.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.to_id = {b: i for i, b in vocab.items()}
        self.steps = [(self.to_id[a], self.to_id[b], self.to_id[a + b]) for a, b in merges]
        self.special = {t: self.to_id[t.encode("utf-8")] for t in special_tokens}

    def encode_piece(self, piece):
        ids = list(piece.encode("utf-8"))
        for a, b, c in self.steps:
            new = []
            for t in ids:
                if new and new[-1] == a and t == b:
                    new[-1] = c
                else:
                    new.append(t)
            ids = new
        return ids

    def encode(self, text):
        parts = [text]
        if self.special:
            parts = re.split("(" + "|".join(re.escape(t) for t in sorted(self.special, key=len, reverse=True)) + ")", text)
        ids = []
        for part in parts:
            if part in self.special:
                ids.append(self.special[part])
            else:
                for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                    ids.extend(self.encode_piece(piece))
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
