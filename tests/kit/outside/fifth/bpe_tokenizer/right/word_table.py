from typing import Dict, Iterable, List, Sequence, Tuple
import functools
import regex as re

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

Pair = Tuple[bytes, bytes]
Word = Tuple[bytes, ...]


class Trainer:
    """Learns merges from a table of words and how often each occurs."""

    def __init__(self) -> None:
        self.words: Dict[Word, int] = {}
        self.merges: List[Pair] = []

    def feed(self, text: str) -> None:
        for match in re.finditer(GPT2_SPLIT_PATTERN, text):
            raw = match.group(0).encode("utf-8")
            word = tuple(raw[i:i + 1] for i in range(len(raw)))
            self.words[word] = self.words.get(word, 0) + 1

    def pair_counts(self) -> Dict[Pair, int]:
        counts: Dict[Pair, int] = {}
        for word, n in self.words.items():
            for left, right in zip(word[:-1], word[1:]):
                counts[left, right] = counts.get((left, right), 0) + n
        return counts

    def step(self) -> bool:
        counts = self.pair_counts()
        if len(counts) == 0:
            return False
        best = None
        for pair, n in counts.items():
            if best is None or n > counts[best] or (n == counts[best] and pair > best):
                best = pair
        self.merges.append(best)
        self.words = {join_pair(word, best): n for word, n in self.words.items()}
        return True


def join_pair(word: Word, pair: Pair) -> Word:
    out: List[bytes] = []
    for token in word:
        if out and not fresh(out) and (out[-1], token) == pair:
            out[-1] = Joined(out[-1] + token)
        else:
            out.append(token)
    return tuple(bytes(t) for t in out)


class Joined(bytes):
    pass


def fresh(out: List[bytes]) -> bool:
    return isinstance(out[-1], Joined)


def special_regex(special_tokens: Iterable[str]):
    names = sorted(special_tokens, key=lambda t: (-len(t), t))
    return re.compile("|".join(re.escape(n) for n in names)) if names else None


def train_bpe(text: str, vocab_size: int, special_tokens: Sequence[str] = ()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError(f"vocab_size={vocab_size} is below {256 + len(special_tokens)}")
    trainer = Trainer()
    rx = special_regex(special_tokens)
    for part in (rx.split(text) if rx else [text]):
        trainer.feed(part)
    while 256 + len(trainer.merges) + len(special_tokens) < vocab_size and trainer.step():
        pass
    vocab = {}
    for b in range(256):
        vocab[b] = bytes([b])
    for left, right in trainer.merges:
        vocab[len(vocab)] = left + right
    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")
    return vocab, trainer.merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.id_to_bytes = {int(k): bytes(v) for k, v in vocab.items()}
        self.bytes_to_id = {v: k for k, v in sorted(self.id_to_bytes.items(), reverse=True)}
        self.special_to_id = {v.decode("utf-8"): k for k, v in sorted(self.id_to_bytes.items()) if v in {t.encode("utf-8") for t in special_tokens}}
        self.rank = {tuple(m): r for r, m in enumerate(merges)}
        self.rx = special_regex(special_tokens)
        self.piece_ids = functools.lru_cache(maxsize=4096)(self._piece_ids)

    def _piece_ids(self, piece: str) -> Tuple[int, ...]:
        raw = piece.encode("utf-8")
        parts = [raw[i:i + 1] for i in range(len(raw))]
        while True:
            candidates = [(self.rank[p], i) for i, p in enumerate(zip(parts, parts[1:])) if p in self.rank]
            if not candidates:
                return tuple(self.bytes_to_id[p] for p in parts)
            _, i = min(candidates)
            parts[i:i + 2] = [parts[i] + parts[i + 1]]

    def _plain(self, text: str) -> List[int]:
        return [i for piece in re.findall(GPT2_SPLIT_PATTERN, text) for i in self.piece_ids(piece)]

    def encode(self, text: str) -> List[int]:
        if self.rx is None:
            return self._plain(text)
        ids: List[int] = []
        while text:
            m = self.rx.search(text)
            if m is None:
                ids.extend(self._plain(text))
                break
            ids.extend(self._plain(text[:m.start()]))
            ids.append(self.special_to_id[m.group()])
            text = text[m.end():]
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        return b"".join(self.id_to_bytes[i] for i in ids).decode("utf-8", errors="replace")
