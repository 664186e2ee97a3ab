"""Visible checks of `simple_tokenizer`: what a text is split into, and how ids become a text again.

The vocabularies also contain what comes out if you split in the wrong positions, so that a failure can show it.
"""

from grader.checks import Golden, Port, expect, expect_equal, expect_of_helper, expect_raises
from tests.visible.words import (
    ALL_MARKS,
    CLOSED_UP,
    END_OF_TEXT,
    MARKS,
    UNKNOWN,
    V1,
    V2,
    text_of,
    tokens_of,
    vocab_of,
)

STORY = """"Well," said the owl, "it's dark!" -- (Nobody_else was up.) "Is it?"
\tThe well-known owl   sat in the dark, and sat: so it was; it's not up."""
"""The text of the recorded example."""
KNOWN = "Nobody Well said the owl it s dark else was up Is The well-known sat in and so not"
"""The words in its vocabulary; a few of the text's are missing."""


def test_ids_come_from_the_vocabulary(learner: Port) -> None:
    """Each word gets the id that the vocabulary gives it, as often as it appears, and in the order of the text."""
    vocab = {"sea": 2, "the": 0, "sees": 1}
    got = learner.build(V1, vocab=vocab).call("encode", "the sea sees the sea")
    expect_equal(got, [0, 2, 1, 0, 2], "the ids")


def test_white_space_is_no_token(learner: Port) -> None:
    """Spaces, tabs and line breaks separate tokens, however many there are, and become no tokens themselves.

    If you split at each of them, you also get empty strings, which aren't tokens either.
    """
    white = (" ", "\t", "\n", "\r", "", "  ", "\r\n")
    for space in (" ", "\n", "\t", "  ", "\r\n", " \n\t "):
        text = f"{space}a{space}b c{space}"
        vocab = ("a", "b", "c", *white, f"a{space}b", f"c{space}", f"{space}a", text)
        expect_equal(tokens_of(learner, V1, text, vocab), ["a", "b", "c"], "the tokens")
    expect_equal(tokens_of(learner, V1, "", ("a", *white)), [], "the tokens of an empty text")


def test_words_stay_as_they_are(learner: Port) -> None:
    """A word stays as it is: capital letters, digits, and a dash inside it, which is no mark unless there are two."""
    words = ["The", "well-known", "R2", "cafe", "Cafe", "café", "1/2", "<b>", "50%"]
    parts = ("the", "well", "known", "-", "R", "2", "caf", "é", "1", "/", "<", "b", ">", "50", "%", "r2")
    expect_equal(tokens_of(learner, V1, " ".join(words), (*words, *parts)), words, "the tokens")


def test_each_mark_is_a_token(learner: Port) -> None:
    """Each of `, . ? _ ! " ( ) '` is a token of its own, with or without white space next to it."""
    for mark in MARKS[:-1]:
        vocab = ("a", "b", "", mark, f"a{mark}", f"{mark}b", f"a{mark}b", f"b{mark}", f"{mark}{mark}", "ab")
        got = tokens_of(learner, V1, f"a{mark}b {mark} {mark}{mark}b{mark}", vocab)
        expect_equal(got, ["a", mark, "b", mark, mark, mark, "b", mark], "the tokens")


def test_two_dashes_are_a_token(learner: Port) -> None:
    """Two dashes are one token of their own, with or without white space next to them."""
    vocab = ("a", "b", "--", "-", "", "a--b", "a--", "--b", "ab", "a-", "-b")
    for text in ("a--b", "a -- b"):
        expect_equal(tokens_of(learner, V1, text, vocab), ["a", "--", "b"], "the tokens")


def test_v1_raises_on_an_unknown_word(learner: Port) -> None:
    """`SimpleTokenizerV1` raises a KeyError if a word or a mark isn't in the vocabulary."""
    for text in ("a c b", "a, b"):
        with expect_raises(learner, "KeyError", because="a token isn't in the vocabulary"):
            learner.build(V1, vocab=vocab_of("a", "b")).call("encode", text)


def test_decode_joins_with_one_space(learner: Port) -> None:
    """`decode` puts one space between two words, and none at the ends."""
    expect_equal(text_of(learner, V1, "two", "words", "two"), "two words two", "the text")
    expect_equal(text_of(learner, V1, "one"), "one", "the text")


def test_decode_closes_up_marks(learner: Port) -> None:
    """`decode` leaves out the space before each of `, . ? ! " ( ) '`, even if there are several in a row."""
    for mark in CLOSED_UP:
        got = text_of(learner, V1, "a", mark, mark, "b")
        start = f"a{mark}{mark}"
        expect(got.startswith(start), got=repr(got), expected=f"a text that begins with {start!r}")


def test_decode_keeps_the_other_spaces(learner: Port) -> None:
    """`decode` keeps the space after a mark, and the spaces around `--` and `_`."""
    for mark in CLOSED_UP:
        got = text_of(learner, V1, mark, "b")
        expect_equal(got, f"{mark} b", "the text")
    for mark in ("--", "_"):
        got = text_of(learner, V1, "a", mark, "b")
        expect_equal(got, f"a {mark} b", "the text")


def test_v2_takes_unk_for_an_unknown_word(learner: Port) -> None:
    """`SimpleTokenizerV2` takes `<|unk|>` for each word or mark that isn't in the vocabulary, and only for those.

    `<|unk|>` can have any id, and so can the words: 0 is an id like any other.
    """
    for vocab in ((UNKNOWN, "a", END_OF_TEXT, "b"), ("b", END_OF_TEXT, "a", UNKNOWN), (END_OF_TEXT, UNKNOWN, "b", "a")):
        got = tokens_of(learner, V2, "a c b, d a", vocab)
        expect_equal(got, ["a", UNKNOWN, "b", UNKNOWN, UNKNOWN, "a"], "the tokens")


def test_v2_knows_end_of_text(learner: Port) -> None:
    """`<|endoftext|>` is one token of `SimpleTokenizerV2`: don't split at `<`, `|` or `>`."""
    vocab = (UNKNOWN, "a", "b", END_OF_TEXT, "<", "|", ">", "endoftext", "<|", "|>")
    got = tokens_of(learner, V2, f"a {END_OF_TEXT} b\n{END_OF_TEXT}", vocab)
    expect_equal(got, ["a", END_OF_TEXT, "b", END_OF_TEXT], "the tokens")


def test_v2_splits_at_every_mark(learner: Port) -> None:
    """`SimpleTokenizerV2` splits at white space and at every mark, `:` and `;` among them."""
    for mark in ALL_MARKS:
        vocab = (UNKNOWN, "a", "b", "", " ", mark, f"a{mark}", f"{mark}b", f"a{mark}b", "-", "ab", "a-b")
        expect_equal(tokens_of(learner, V2, f"a{mark}b\n a-b", vocab), ["a", mark, "b", "a-b"], "the tokens")


def test_v2_decodes_in_the_same_way(learner: Port) -> None:
    """`SimpleTokenizerV2` decodes as the first one does, with its two special tokens as they are."""
    got = text_of(learner, V2, "a", ",", UNKNOWN, "--", "b", ".", END_OF_TEXT, "a", "'", "s")
    expect_equal(got, f"a, {UNKNOWN} -- b. {END_OF_TEXT} a' s", "the text")


def test_calls_do_not_influence_each_other(learner: Port) -> None:
    """A call of `encode` or `decode` gives the same result, no matter what was encoded or decoded before."""
    vocab = {"a": 1, "b": 2, UNKNOWN: 0}
    for name in (V1, V2):
        tokenizer = learner.build(name, vocab=vocab)
        tokenizer.keep("encode", "b a")
        tokenizer.keep("decode", [2, 1])
        expect_equal(tokenizer.call("encode", "a b"), [1, 2], f"the ids from {name}")
        expect_equal(tokenizer.call("decode", [1]), "a", f"the text from {name}")


def test_the_vocabulary_stays_as_it_was(learner: Port) -> None:
    """Neither tokenizer changes the vocabulary that it gets, and each keeps to its own."""
    for name in (V1, V2):
        first, second = ({"a": 0, "b": 1, UNKNOWN: 2}, {"b": 0, "a": 1, UNKNOWN: 2})
        vocab = learner.put(first)
        tokenizer = learner.build(name, vocab=vocab)
        learner.build(name, vocab=second)
        expect_equal(tokenizer.call("encode", "a b a"), [0, 1, 0], f"the ids from {name}")
        expect_equal(vocab.value(), first, "the vocabulary")


def test_the_recorded_story_comes_out(learner: Port, golden: Golden) -> None:
    """A short story with all marks gives the recorded ids, and these give the recorded text."""
    vocab = vocab_of(*KNOWN.split(), *ALL_MARKS, END_OF_TEXT, UNKNOWN)
    tokenizer = learner.build(V2, vocab=vocab)
    golden.expect("ids", tokenizer.call("encode", f"{STORY} {END_OF_TEXT} It's a new day."), "the ids")
    written = [vocab[token] for token in (*KNOWN.split(), *MARKS, "owl", END_OF_TEXT)]
    golden.expect("text", tokenizer.call("decode", written), "the text")


def test_split_into_tokens_keeps_the_marks(learner: Port) -> None:
    """`split_into_tokens` returns words and marks, without white space and without empty strings.

    This is about a helper that the stub suggests: if you do without it, only `encode` counts.
    """
    text, tokens = ' "Well-known--is it?" ', ['"', "Well-known", "--", "is", "it", "?", '"']
    expect_of_helper(
        lambda: expect_equal(learner.call("split_into_tokens", text), tokens, "the tokens"),
        lambda: expect_equal(tokens_of(learner, V1, text, tokens), tokens, "the tokens"),
    )


def test_join_tokens_closes_up_marks(learner: Port) -> None:
    """`join_tokens` puts one space between tokens, and none before the marks `, . ? ! " ( ) '`.

    This is about a helper that the stub suggests: if you do without it, only `decode` counts.
    """
    tokens, text = ["Well", ",", "is", "it", "?", "--"], "Well, is it? --"

    def whole() -> None:
        vocab = vocab_of(*tokens)
        got = learner.build(V1, vocab=vocab).call("decode", [vocab[token] for token in tokens])
        expect_equal(got, text, "the text")

    expect_of_helper(lambda: expect_equal(learner.call("join_tokens", tokens), text, "the text"), whole)
