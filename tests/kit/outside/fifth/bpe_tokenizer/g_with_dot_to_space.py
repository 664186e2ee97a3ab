from collections import Counter, deque
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class BPETokenizerSimple:
    def __init__(self):
        self.vocab = {}
        self.inverse_vocab = {}
        self.bpe_merges = {}

    def pretokenize(self, text, special_tokens):
        parts = [text]
        if special_tokens:
            parts = re.split("|".join(re.escape(t) for t in sorted(special_tokens, key=len, reverse=True)), text)
        return [p for part in parts for p in re.findall(GPT2_SPLIT_PATTERN, part)]

    def train(self, text, vocab_size, special_tokens):
        self.vocab = {i: bytes([i]) for i in range(256)}
        token_lists = [list(p.encode("utf-8")) for p in self.pretokenize(text, special_tokens)]
        for new_id in range(256, vocab_size - len(special_tokens)):
            pair_id = self.find_freq_pair(token_lists)
            if pair_id is None:
                break
            token_lists = [self.replace_pair(t, pair_id, new_id) for t in token_lists]
            self.bpe_merges[pair_id] = new_id
            self.vocab[new_id] = self.vocab[pair_id[0]] + self.vocab[pair_id[1]]
        for token in special_tokens:
            self.vocab[len(self.vocab)] = token.encode("utf-8")

    def find_freq_pair(self, token_lists):
        pairs = Counter(pair for ids in token_lists for pair in zip(ids, ids[1:]))
        if not pairs:
            return None
        return max(pairs.items(), key=lambda x: (x[1], self.vocab[x[0][0]], self.vocab[x[0][1]]))[0]

    @staticmethod
    def replace_pair(token_ids, pair_id, new_id):
        dq = deque(token_ids)
        replaced = []
        while dq:
            current = dq.popleft()
            if dq and (current, dq[0]) == pair_id:
                replaced.append(new_id)
                dq.popleft()
            else:
                replaced.append(current)
        return replaced


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size too small")
    t = BPETokenizerSimple()
    t.train(text, vocab_size, special_tokens)
    return t.vocab, [(t.vocab[a], t.vocab[b]) for a, b in t.bpe_merges]


class BPETokenizer(BPETokenizerSimple):
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.inverse_vocab = {v: k for k, v in vocab.items()}
        self.bpe_merges = {(self.inverse_vocab[a], self.inverse_vocab[b]): self.inverse_vocab[a + b] for a, b in merges}
        self.special_tokens = list(special_tokens)

    def tokenize_with_bpe(self, token):
        token_ids = list(token.encode("utf-8"))
        while len(token_ids) > 1:
            best = min(zip(token_ids, token_ids[1:]), key=lambda p: self.bpe_merges.get(p, float("inf")))
            if best not in self.bpe_merges:
                break
            token_ids = self.replace_pair(token_ids, best, self.bpe_merges[best])
        return token_ids

    def encode(self, text):
        token_ids = []
        if self.special_tokens:
            pattern = "|".join(re.escape(t) for t in sorted(self.special_tokens, key=len, reverse=True))
            last_index = 0
            for match in re.finditer(pattern, text):
                token_ids.extend(self.encode_plain(text[last_index:match.start()]))
                token_ids.append(self.inverse_vocab[match.group(0).encode("utf-8")])
                last_index = match.end()
            text = text[last_index:]
        token_ids.extend(self.encode_plain(text))
        return token_ids

    def encode_plain(self, text):
        return [i for p in re.findall(GPT2_SPLIT_PATTERN, text) for i in self.tokenize_with_bpe(p)]

    def decode(self, ids):
        out = b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")
        return out.replace("Ċ", "\n").replace("Ġ", " ")
