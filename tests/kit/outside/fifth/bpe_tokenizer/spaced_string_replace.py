import collections
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def get_stats(vocab):
    pairs = collections.defaultdict(int)
    for word, freq in vocab.items():
        symbols = word.split()
        for i in range(len(symbols) - 1):
            pairs[symbols[i], symbols[i + 1]] += freq
    return pairs


def merge_vocab(pair, v_in):
    v_out = {}
    bigram = " ".join(pair)
    for word in v_in:
        w_out = word.replace(bigram, "".join(pair))
        v_out[w_out] = v_in[word]
    return v_out


def get_vocab(text, special_tokens):
    vocab = collections.defaultdict(int)
    parts = [text]
    if special_tokens:
        parts = re.split("|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)), text)
    for part in parts:
        for piece in re.findall(GPT2_SPLIT_PATTERN, part):
            vocab[" ".join("%02x" % b for b in piece.encode("utf-8"))] += 1
    return vocab


def train_bpe(text, vocab_size, special_tokens=()):
    num_merges = vocab_size - 256 - len(special_tokens)
    if num_merges < 0:
        raise ValueError("vocab_size must be >= 256 + number of special tokens")
    words = get_vocab(text, special_tokens)
    merges = []
    for i in range(num_merges):
        pairs = get_stats(words)
        if not pairs:
            break
        best = max(pairs, key=lambda p: (pairs[p], bytes.fromhex(p[0]), bytes.fromhex(p[1])))
        words = merge_vocab(best, words)
        merges.append((bytes.fromhex(best[0]), bytes.fromhex(best[1])))
    vocab = {i: bytes([i]) for i in range(256)}
    for left, right in merges:
        vocab[len(vocab)] = left + right
    for t in special_tokens:
        vocab[len(vocab)] = t.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.inverse = {v: k for k, v in vocab.items()}
        self.merges = {pair: i for i, pair in enumerate(merges)}
        self.special_tokens = sorted(special_tokens, key=len, reverse=True)

    def bpe(self, piece):
        symbols = [bytes([b]) for b in piece.encode("utf-8")]
        while len(symbols) > 1:
            pairs = set(zip(symbols, symbols[1:]))
            bigram = min(pairs, key=lambda p: self.merges.get(p, float("inf")))
            if bigram not in self.merges:
                break
            merged = []
            while symbols:
                if tuple(symbols[:2]) == bigram:
                    merged.append(symbols.pop(0) + symbols.pop(0))
                else:
                    merged.append(symbols.pop(0))
            symbols = merged
        return [self.inverse[s] for s in symbols]

    def encode(self, text):
        parts = [text]
        if self.special_tokens:
            parts = re.split("(" + "|".join(re.escape(t) for t in self.special_tokens) + ")", text)
        ids = []
        for part in parts:
            if part in self.special_tokens:
                ids.append(self.inverse[part.encode("utf-8")])
            else:
                for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                    ids.extend(self.bpe(piece))
        return ids

    def decode(self, ids):
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
