"""What the checks of `simple_tokenizer` share: vocabularies, and the tokens that a text is split into."""

from __future__ import annotations

from collections.abc import Iterable

from grader.checks import Port, expect, expect_items, what_came

V1, V2 = "SimpleTokenizerV1", "SimpleTokenizerV2"
UNKNOWN, END_OF_TEXT = "<|unk|>", "<|endoftext|>"
MARKS = (*",.?_!\"()'", "--")
"""The marks that both tokenizers split at: the printed book's first one doesn't know `:` and `;`."""
ALL_MARKS = (*MARKS, ":", ";")
CLOSED_UP = (*",.?!\"()'",)
"""The marks that `decode` moves up to the token before."""


def vocab_of(*tokens: str) -> dict[str, int]:
    """Give each token an id; the last one gets 0."""
    return {token: len(tokens) - 1 - index for index, token in enumerate(tokens)}


def tokens_of(port: Port, tokenizer: str, text: str, vocab: Iterable[str]) -> list[str]:
    """Encode a text with a vocabulary of these tokens, and return the tokens that the ids stand for."""
    numbers = vocab_of(*dict.fromkeys(vocab))
    tokens = {number: token for token, number in numbers.items()}
    got = expect_items(port.build(tokenizer, vocab=numbers).call("encode", text), int, "the result of `encode`")
    unknown = [number for number in got if number not in tokens]
    expect(not unknown, got=f"the id {[*unknown, 0][0]}", expected="only ids from the vocabulary")
    return [tokens[number] for number in got]


def text_of(port: Port, tokenizer: str, *tokens: str) -> str:
    """Decode the ids of these tokens; the vocabulary contains no others."""
    vocab = vocab_of(*dict.fromkeys(tokens))
    text = port.build(tokenizer, vocab=vocab).call("decode", [vocab[token] for token in tokens])
    expect(isinstance(text, str), got=what_came(text), expected="a str from `decode`")
    return str(text)
