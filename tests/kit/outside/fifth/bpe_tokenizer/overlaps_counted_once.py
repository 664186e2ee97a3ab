import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def count_pairs(words):
    counts = {}
    for word, times in words.items():
        i = 0
        while i + 1 < len(word):
            pair = (word[i], word[i + 1])
            counts[pair] = counts.get(pair, 0) + times
            if i + 2 < len(word) and word[i] == word[i + 1] == word[i + 2]:
                i += 2
            else:
                i += 1
    return counts


def join_everywhere(word, pair):
    word = list(word)
    i = 0
    while i + 1 < len(word):
        if (word[i], word[i + 1]) == pair:
            word[i] += word.pop(i + 1)
        i += 1
    return tuple(word)


def find_specials(text, special_tokens):
    """[(start, end), ...] of the special tokens in text"""
    spans = []
    i = 0
    while i < len(text):
        best = 0
        for s in special_tokens:
            if text.startswith(s, i):
                best = max(best, len(s))
        if best:
            spans.append((i, i + best))
            i += best
        else:
            i += 1
    return spans


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    words = {}
    last = 0
    for start, end in find_specials(text, special_tokens) + [(len(text), len(text))]:
        for piece in regex.findall(GPT2_SPLIT_PATTERN, text[last:start]):
            word = tuple(bytes([b]) for b in piece.encode("utf-8"))
            words[word] = words.get(word, 0) + 1
        last = end
    merges = []
    for _ in range(vocab_size - 256 - len(special_tokens)):
        counts = count_pairs(words)
        if not counts:
            break
        pair = sorted(counts, key=lambda p: (counts[p], p))[-1]
        merges.append(pair)
        words = {join_everywhere(word, pair): times for word, times in words.items()}
    tokens = [bytes([i]) for i in range(256)] + [a + b for a, b in merges]
    tokens += [s.encode("utf-8") for s in special_tokens]
    return {i: t for i, t in enumerate(tokens)}, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.lookup = {t: i for i, t in vocab.items()}
        self.merges = merges
        self.special_tokens = special_tokens

    def encode_piece(self, piece):
        word = tuple(bytes([b]) for b in piece.encode("utf-8"))
        for pair in self.merges:
            word = join_everywhere(word, pair)
        return [self.lookup[t] for t in word]

    def encode(self, text):
        ids = []
        last = 0
        for start, end in find_specials(text, self.special_tokens):
            for piece in regex.findall(GPT2_SPLIT_PATTERN, text[last:start]):
                ids.extend(self.encode_piece(piece))
            ids.append(self.lookup[text[start:end].encode("utf-8")])
            last = end
        for piece in regex.findall(GPT2_SPLIT_PATTERN, text[last:]):
            ids.extend(self.encode_piece(piece))
        return ids

    def decode(self, ids):
        return b"".join([self.vocab[i] for i in ids]).decode("utf-8", errors="replace")
