# MISTAKE: Training does not cut the text at the special tokens, so their characters are counted and merged; right is that they take no part.
# MISTAKE: Encoding replaces only the first occurrence of each pair of the merge list in a piece and then goes on to the next merge; right is to replace every occurrence.
import regex

GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def get_stats(ids, counts):
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def merge(ids, pair, idx):
    newids = []
    i = 0
    while i < len(ids):
        if ids[i] == pair[0] and i < len(ids) - 1 and ids[i + 1] == pair[1]:
            newids.append(idx)
            i += 2
        else:
            newids.append(ids[i])
            i += 1
    return newids


def cut(text, special_tokens):
    """Yield (is_special, part) from left to right."""
    special = sorted(special_tokens, key=len, reverse=True)
    start = pos = 0
    while pos < len(text):
        hit = next((s for s in special if text.startswith(s, pos)), None)
        if hit is None:
            pos += 1
            continue
        if pos > start:
            yield False, text[start:pos]
        yield True, hit
        pos += len(hit)
        start = pos
    if start < len(text):
        yield False, text[start:]


def train_bpe(text, vocab_size, special_tokens=()):
    assert vocab_size >= 256 + len(special_tokens)
    num_merges = vocab_size - 256 - len(special_tokens)
    chunks = []
    chunks.extend(regex.findall(GPT2_SPLIT_PATTERN, text))
    ids = [list(chunk.encode("utf-8")) for chunk in chunks]

    vocab = {idx: bytes([idx]) for idx in range(256)}
    merges = []
    for i in range(num_merges):
        stats = {}
        for chunk_ids in ids:
            get_stats(chunk_ids, stats)
        if not stats:
            break
        pair = max(stats, key=lambda p: (stats[p], (vocab[p[0]], vocab[p[1]])))
        idx = 256 + i
        ids = [merge(chunk_ids, pair, idx) for chunk_ids in ids]
        vocab[idx] = vocab[pair[0]] + vocab[pair[1]]
        merges.append((vocab[pair[0]], vocab[pair[1]]))

    first = len(vocab)
    for k, token in enumerate(special_tokens):
        vocab[first + k] = token.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.special_tokens = tuple(special_tokens)
        first = len(vocab) - len(self.special_tokens)
        self.special_to_id = {}
        for i in range(first, len(vocab)):
            self.special_to_id[vocab[i].decode("utf-8")] = i
        bytes_to_id = {vocab[i]: i for i in range(first)}
        self.merges = {}
        for left, right in merges:
            self.merges[(bytes_to_id[left], bytes_to_id[right])] = bytes_to_id[left + right]

    def _encode_chunk(self, chunk):
        ids = list(chunk.encode("utf-8"))
        for (left, right), idx in self.merges.items():
            for i in range(len(ids) - 1):
                if ids[i] == left and ids[i + 1] == right:
                    ids[i : i + 2] = [idx]
                    break
        return ids

    def encode(self, text):
        ids = []
        for is_special, part in cut(text, self.special_tokens):
            if is_special:
                ids.append(self.special_to_id[part])
                continue
            for chunk in regex.findall(GPT2_SPLIT_PATTERN, part):
                ids.extend(self._encode_chunk(chunk))
        return ids

    def decode(self, ids):
        data = b"".join([self.vocab[idx] for idx in ids])
        return data.decode("utf-8", errors="replace")
