"""Split a text into words and marks, turn these tokens into ids, and ids back into a text.

Not asked: how a vocabulary is made (the lesson does it in three lines), and a text that comes back letter by letter.

Book: chapters 2.3 and 2.4
"""

import re
from collections.abc import Mapping, Sequence

UNKNOWN = "<|unk|>"
"""The token that stands for every word outside the vocabulary."""


def split_into_tokens(text: str) -> list[str]:
    """Split a text at white space, with each of `, . : ; ? _ ! " ( ) '` and `--` as a token of its own.

    White space itself is no token. A single dash stays part of its word. Both tokenizers can use this function.
    """
    ### BEGIN SOLUTION: Start with a pattern for everything at which to split.
    # The round brackets make split keep what it splits at; it also gives empty strings, between two marks for example.
    parts = re.split(r"""([,.:;?_!"()']|--|\s)""", text)
    return [part for part in parts if part.strip()]
    ### END SOLUTION


def join_tokens(tokens: Sequence[str]) -> str:
    """Join tokens with one space each, without the space before any of `, . ? ! " ( ) '`."""
    ### BEGIN SOLUTION: Start with all tokens joined by spaces.
    text = " ".join(tokens)
    return re.sub(r"""\s+([,.?!"()'])""", r"\1", text)
    ### END SOLUTION


class SimpleTokenizerV1:
    """Turn a text into ids and back, for texts whose words are all in the vocabulary."""

    def __init__(self, vocab: Mapping[str, int]) -> None:
        """Store what `encode` and `decode` look up; `vocab` gives the id of each token, in any order."""
        ### BEGIN SOLUTION: Start with the table that decode needs, from an id to its token.
        self.str_to_int = vocab
        self.int_to_str = {number: token for token, number in vocab.items()}
        ### END SOLUTION

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text's tokens. Raises KeyError if a token isn't in the vocabulary."""
        ### BEGIN SOLUTION: Start with the tokens of the text.
        return [self.str_to_int[token] for token in split_into_tokens(text)]
        ### END SOLUTION

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text that the tokens with these ids make."""
        ### BEGIN SOLUTION: Start with the token of each id.
        return join_tokens([self.int_to_str[number] for number in ids])
        ### END SOLUTION


class SimpleTokenizerV2(SimpleTokenizerV1):
    """Turn any text into ids: a token that isn't in the vocabulary becomes `<|unk|>`, which always is.

    The token `<|endoftext|>`, which separates texts, may be in the vocabulary too.
    """

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text's tokens, with the id of `<|unk|>` for each token outside the vocabulary."""
        ### BEGIN SOLUTION: Start with the tokens of the text, and look at each before you look it up.
        tokens = split_into_tokens(text)
        known = [token if token in self.str_to_int else UNKNOWN for token in tokens]
        return [self.str_to_int[token] for token in known]
        ### END SOLUTION
