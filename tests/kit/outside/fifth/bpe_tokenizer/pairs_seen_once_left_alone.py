import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class Trainer:
    def __init__(self, text, special_tokens):
        self.special_tokens = special_tokens
        self.vocab = {}
        for number in range(256):
            self.vocab[number] = bytes([number])
        self.merges = []
        self.words = []
        for part in self.cut_text(text):
            for piece in regex.findall(GPT2_SPLIT_PATTERN, part):
                word = []
                for byte in piece.encode("utf-8"):
                    word.append(bytes([byte]))
                self.words.append(word)

    def cut_text(self, text):
        parts = []
        start = 0
        position = 0
        while position < len(text):
            found = ""
            for token in self.special_tokens:
                if text[position:position + len(token)] == token and len(token) > len(found):
                    found = token
            if found != "":
                parts.append(text[start:position])
                position = position + len(found)
                start = position
            else:
                position = position + 1
        parts.append(text[start:])
        return parts

    def count_pairs(self):
        counts = {}
        for word in self.words:
            for i in range(len(word) - 1):
                pair = (word[i], word[i + 1])
                if pair in counts:
                    counts[pair] = counts[pair] + 1
                else:
                    counts[pair] = 1
        return counts

    def find_best(self, counts):
        best_pair = None
        best_count = 1
        for pair in counts:
            if counts[pair] > best_count:
                best_pair = pair
                best_count = counts[pair]
            elif counts[pair] == best_count and best_pair is not None and pair > best_pair:
                best_pair = pair
        return best_pair

    def apply(self, pair):
        for k in range(len(self.words)):
            old = self.words[k]
            new = []
            i = 0
            while i < len(old):
                if i + 1 < len(old) and old[i] == pair[0] and old[i + 1] == pair[1]:
                    new.append(pair[0] + pair[1])
                    i = i + 2
                else:
                    new.append(old[i])
                    i = i + 1
            self.words[k] = new
        self.merges.append(pair)
        self.vocab[len(self.vocab)] = pair[0] + pair[1]

    def run(self, number_of_merges):
        for step in range(number_of_merges):
            pair = self.find_best(self.count_pairs())
            if pair is None:
                break
            self.apply(pair)


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("The vocabulary size is too small.")
    trainer = Trainer(text, special_tokens)
    trainer.run(vocab_size - 256 - len(special_tokens))
    for token in special_tokens:
        trainer.vocab[len(trainer.vocab)] = token.encode("utf-8")
    return trainer.vocab, trainer.merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.merges = merges
        self.special_tokens = special_tokens
        self.byte_to_id = {}
        for number in vocab:
            self.byte_to_id[vocab[number]] = number

    def encode_word(self, word):
        for pair in self.merges:
            i = 0
            while i < len(word) - 1:
                if word[i] == pair[0] and word[i + 1] == pair[1]:
                    word[i] = pair[0] + pair[1]
                    del word[i + 1]
                i = i + 1
        return [self.byte_to_id[token] for token in word]

    def encode_plain(self, text):
        result = []
        for piece in regex.findall(GPT2_SPLIT_PATTERN, text):
            word = [bytes([byte]) for byte in piece.encode("utf-8")]
            result = result + self.encode_word(word)
        return result

    def encode(self, text):
        result = []
        plain = ""
        position = 0
        while position < len(text):
            matches = [t for t in self.special_tokens if text.startswith(t, position)]
            if matches:
                token = max(matches, key=len)
                result = result + self.encode_plain(plain)
                plain = ""
                result.append(self.byte_to_id[token.encode("utf-8")])
                position = position + len(token)
            else:
                plain = plain + text[position]
                position = position + 1
        return result + self.encode_plain(plain)

    def decode(self, ids):
        joined = b""
        for number in ids:
            joined = joined + self.vocab[number]
        return joined.decode("utf-8", errors="replace")
