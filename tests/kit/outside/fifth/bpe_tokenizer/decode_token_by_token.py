from collections import Counter
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class Word:
    """A piece of text as a linked chain of tokens, with its frequency."""

    class Node:
        __slots__ = ("tok", "next")

        def __init__(self, tok, next=None):
            self.tok, self.next = tok, next

    def __init__(self, data, freq=1):
        self.freq = freq
        self.head = None
        for b in reversed(data):
            self.head = Word.Node(bytes([b]), self.head)

    def nodes(self):
        node = self.head
        while node is not None:
            yield node
            node = node.next

    def pairs(self):
        for node in self.nodes():
            if node.next is not None:
                yield node.tok, node.next.tok

    def merge(self, pair):
        for node in self.nodes():
            if node.next is not None and (node.tok, node.next.tok) == pair:
                node.tok += node.next.tok
                node.next = node.next.next

    def tokens(self):
        return [node.tok for node in self.nodes()]


def cut_specials(text, special_tokens):
    if not special_tokens:
        return [text]
    return re.split("(" + "|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)) + ")", text)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size")
    table = Counter()
    for part in cut_specials(text, special_tokens):
        if part not in special_tokens:
            table.update(re.findall(GPT2_SPLIT_PATTERN, part))
    words = [Word(piece.encode("utf-8"), n) for piece, n in table.items()]
    merges = []
    while len(merges) < vocab_size - 256 - len(special_tokens):
        counts = Counter()
        for word in words:
            for pair in word.pairs():
                counts[pair] += word.freq
        if not counts:
            break
        best = max(counts.items(), key=lambda item: (item[1], item[0]))[0]
        merges.append(best)
        for word in words:
            word.merge(best)
    tokens = [bytes([i]) for i in range(256)] + [l + r for l, r in merges] + [t.encode("utf-8") for t in special_tokens]
    return dict(enumerate(tokens)), merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.lookup = {t: i for i, t in vocab.items()}
        self.merges = list(merges)
        self.special_tokens = list(special_tokens)

    def encode(self, text):
        ids = []
        for part in cut_specials(text, self.special_tokens):
            if part in self.special_tokens:
                ids.append(self.lookup[part.encode("utf-8")])
            else:
                for piece in re.findall(GPT2_SPLIT_PATTERN, part):
                    word = Word(piece.encode("utf-8"))
                    for pair in self.merges:
                        word.merge(pair)
                    ids.extend(self.lookup[t] for t in word.tokens())
        return ids

    def decode(self, ids):
        return "".join(self.vocab[i].decode("utf-8", errors="replace") for i in ids)
