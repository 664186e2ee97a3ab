from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def special_alternatives(special_tokens):
    return "|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True))


def merge_pair(tokens, pair):
    merged = []
    skip = False
    for i, token in enumerate(tokens):
        if skip:
            skip = False
        elif i + 1 < len(tokens) and (token, tokens[i + 1]) == pair:
            merged.append(token + tokens[i + 1])
            skip = True
        else:
            merged.append(token)
    return merged


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size is too small for the special tokens")
    documents = re.split(special_alternatives(special_tokens), text) if special_tokens else [text]
    word_counts = Counter()
    for document in documents:
        word_counts.update(re.findall(GPT2_SPLIT_PATTERN, document))
    word_tokens = {word: [bytes([b]) for b in word.encode("utf-8")] for word in word_counts}
    vocab = {i: bytes([i]) for i in range(256)}
    merges = []
    while len(vocab) < vocab_size - len(special_tokens):
        pair_counts = Counter()
        for word, tokens in word_tokens.items():
            for pair in zip(tokens[:-1], tokens[1:]):
                pair_counts[pair] += word_counts[word]
        if not pair_counts:
            break
        best_pair = max(pair_counts, key=lambda pair: (pair_counts[pair], pair))
        merges.append(best_pair)
        vocab[len(vocab)] = best_pair[0] + best_pair[1]
        word_tokens = {word: merge_pair(tokens, best_pair) for word, tokens in word_tokens.items()}
    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.token_to_id = {token: i for i, token in vocab.items()}
        self.ranks = {pair: i for i, pair in enumerate(merges)}
        self.special_tokens = set(special_tokens)
        pattern = GPT2_SPLIT_PATTERN
        if special_tokens:
            pattern = special_alternatives(special_tokens) + "|" + pattern
        self.pattern = re.compile(pattern)

    def encode(self, text):
        ids = []
        for piece in self.pattern.findall(text):
            if piece in self.special_tokens:
                ids.append(self.token_to_id[piece.encode("utf-8")])
                continue
            tokens = [bytes([b]) for b in piece.encode("utf-8")]
            while len(tokens) > 1:
                pair = min(zip(tokens, tokens[1:]), key=lambda p: self.ranks.get(p, float("inf")))
                if pair not in self.ranks:
                    break
                tokens = merge_pair(tokens, pair)
            ids.extend(self.token_to_id[token] for token in tokens)
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
