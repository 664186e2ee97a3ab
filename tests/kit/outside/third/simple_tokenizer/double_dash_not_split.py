MARKS = [",", ".", ":", ";", "?", "_", "!", '"', "(", ")", "'"]
NO_SPACE_BEFORE = [",", ".", "?", "!", '"', "(", ")", "'"]


def split_text(text):
    for mark in MARKS:
        text = text.replace(mark, " " + mark + " ")
    return text.split()


def join_tokens(tokens):
    text = " ".join(tokens)
    for mark in NO_SPACE_BEFORE:
        text = text.replace(" " + mark, mark)
    return text


class SimpleTokenizerV1:
    def __init__(self, vocab):
        self.word_to_id = {}
        self.id_to_word = {}
        for word in vocab:
            number = vocab[word]
            self.word_to_id[word] = number
            self.id_to_word[number] = word

    def encode(self, text):
        ids = []
        for token in split_text(text):
            ids.append(self.word_to_id[token])
        return ids

    def decode(self, ids):
        words = []
        for number in ids:
            words.append(self.id_to_word[number])
        return join_tokens(words)


class SimpleTokenizerV2:
    def __init__(self, vocab):
        self.word_to_id = {}
        self.id_to_word = {}
        for word in vocab:
            number = vocab[word]
            self.word_to_id[word] = number
            self.id_to_word[number] = word

    def encode(self, text):
        ids = []
        for token in split_text(text):
            if token in self.word_to_id:
                ids.append(self.word_to_id[token])
            else:
                ids.append(self.word_to_id["<|unk|>"])
        return ids

    def decode(self, ids):
        words = []
        for number in ids:
            words.append(self.id_to_word[number])
        return join_tokens(words)
