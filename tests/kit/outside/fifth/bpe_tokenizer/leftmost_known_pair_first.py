import regex

GPT2_SPLIT_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def get_parts(text, special_tokens):
    if special_tokens:
        return regex.split("(" + "|".join(regex.escape(s) for s in sorted(special_tokens, key=len, reverse=True)) + ")", text)
    return [text]


def replace_pair(tokens, pair, new_token):
    i = 0
    result = []
    while i < len(tokens):
        if i < len(tokens) - 1 and tokens[i] == pair[0] and tokens[i + 1] == pair[1]:
            result.append(new_token)
            i = i + 2
        else:
            result.append(tokens[i])
            i = i + 1
    return result


def train_bpe(text, vocab_size, special_tokens=()):
    if vocab_size < 256 + len(special_tokens):
        raise ValueError("vocab_size must be at least 256 + len(special_tokens)")

    vocab = {}
    for i in range(256):
        vocab[i] = bytes([i])

    all_words = []
    for part in get_parts(text, special_tokens):
        if part not in special_tokens:
            for word in regex.findall(GPT2_SPLIT_PATTERN, part):
                all_words.append(list(word.encode("utf-8")))

    merges = []
    number_of_merges = vocab_size - 256 - len(special_tokens)
    for step in range(number_of_merges):
        pair_counts = {}
        for word in all_words:
            for i in range(len(word) - 1):
                pair = (word[i], word[i + 1])
                pair_counts[pair] = pair_counts.get(pair, 0) + 1
        if len(pair_counts) == 0:
            break
        best_pair = None
        best_key = None
        for pair in pair_counts:
            key = (pair_counts[pair], vocab[pair[0]], vocab[pair[1]])
            if best_key is None or key > best_key:
                best_key = key
                best_pair = pair
        new_token = 256 + step
        vocab[new_token] = vocab[best_pair[0]] + vocab[best_pair[1]]
        merges.append((vocab[best_pair[0]], vocab[best_pair[1]]))
        for k in range(len(all_words)):
            all_words[k] = replace_pair(all_words[k], best_pair, new_token)

    for token in special_tokens:
        vocab[len(vocab)] = token.encode("utf-8")
    return vocab, merges


class BPETokenizer:
    def __init__(self, vocab, merges, special_tokens=()):
        self.vocab = vocab
        self.special_tokens = special_tokens
        self.bytes_to_id = {}
        for i in vocab:
            self.bytes_to_id[vocab[i]] = i
        self.merge_table = {}
        for left, right in merges:
            pair = (self.bytes_to_id[left], self.bytes_to_id[right])
            self.merge_table[pair] = self.bytes_to_id[left + right]

    def encode_word(self, word):
        tokens = list(word.encode("utf-8"))
        can_merge = True
        while can_merge and len(tokens) > 1:
            new_tokens = []
            can_merge = False
            i = 0
            while i < len(tokens) - 1:
                pair = (tokens[i], tokens[i + 1])
                if pair in self.merge_table:
                    new_tokens.append(self.merge_table[pair])
                    can_merge = True
                    i += 2
                else:
                    new_tokens.append(tokens[i])
                    i += 1
            if i < len(tokens):
                new_tokens.append(tokens[i])
            tokens = new_tokens
        return tokens

    def encode(self, text):
        token_ids = []
        for part in get_parts(text, self.special_tokens):
            if part in self.special_tokens:
                token_ids.append(self.bytes_to_id[part.encode("utf-8")])
            else:
                for word in regex.findall(GPT2_SPLIT_PATTERN, part):
                    token_ids.extend(self.encode_word(word))
        return token_ids

    def decode(self, ids):
        all_bytes = b""
        for i in ids:
            all_bytes = all_bytes + self.vocab[i]
        return all_bytes.decode("utf-8", errors="replace")
