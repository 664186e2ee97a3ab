"""Hidden checks of `simple_tokenizer`: drawn texts, compared with the reference."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, expect_raises
from tests.visible.words import ALL_MARKS, END_OF_TEXT, MARKS, UNKNOWN, V1, V2, text_of, tokens_of, vocab_of

KNOWN = ("a", "B", "well-known", "ab", "7")
UNSEEN = ("A", "abc", "-", "new")
SPACES = (" ", "\n", "\t", "  ")


def texts(*fragments: str) -> st.SearchStrategy[str]:
    """Draw a text of these fragments, without three dashes in a row."""
    joined = st.lists(st.sampled_from(fragments), max_size=12).map("".join)
    return joined.filter(lambda text: "---" not in text)


def pairs(words: Sequence[str], between: Sequence[str]) -> st.SearchStrategy[str]:
    """Draw a text in which each word is followed by a mark or white space."""
    drawn = st.lists(st.tuples(st.sampled_from(words), st.sampled_from(between)), max_size=8)
    return drawn.map(lambda parts: "".join(word + space for word, space in parts))


@given(text=pairs(KNOWN, (*MARKS, *SPACES)))
def test_v1_splits_every_text_like_the_reference(learner: Port, reference: Port, text: str) -> None:
    """Any text of words, marks and white space is split into the tokens that the rules give."""
    vocab = (*KNOWN, *MARKS)
    expect_equal(tokens_of(learner, V1, text, vocab), tokens_of(reference, V1, text, vocab), "the tokens")


@given(text=pairs((*KNOWN, *UNSEEN), SPACES).filter(lambda text: not set(text.split()) <= set(KNOWN)))
def test_v1_raises_whatever_word_is_unknown(learner: Port, text: str) -> None:
    """The first tokenizer raises a KeyError if any word isn't in the vocabulary, wherever it is."""
    with expect_raises(learner, "KeyError", because="a word isn't in the vocabulary"):
        learner.build(V1, vocab=vocab_of(*KNOWN)).call("encode", text)


@given(
    parts=st.lists(texts(*KNOWN, *UNSEEN, *ALL_MARKS, *SPACES), min_size=2, max_size=3),
    marks=st.integers(0, len(ALL_MARKS)),
)
def test_v2_splits_every_text_like_the_reference(learner: Port, reference: Port, parts: list[str], marks: int) -> None:
    """Any text gives the tokens that the rules give, with `<|unk|>` for words and marks outside the vocabulary.

    There are several texts in it, with `<|endoftext|>` between them.
    """
    vocab = (END_OF_TEXT, UNKNOWN, *ALL_MARKS[:marks], *KNOWN)
    text = f" {END_OF_TEXT} ".join(parts)
    expect_equal(tokens_of(learner, V2, text, vocab), tokens_of(reference, V2, text, vocab), "the tokens")


@given(tokens=st.lists(st.sampled_from(("a", *MARKS, UNKNOWN, END_OF_TEXT)), min_size=6, max_size=16))
def test_decoding_equals_the_reference(learner: Port, reference: Port, tokens: list[str]) -> None:
    """Any tokens become the text that the rules give, with both tokenizers."""
    for name in (V1, V2):
        expect_equal(text_of(learner, name, *tokens), text_of(reference, name, *tokens), f"the text from {name}")


@given(words=st.lists(st.sampled_from(KNOWN), min_size=1, max_size=4))
def test_tokenizers_and_their_calls_are_independent(learner: Port, words: list[str]) -> None:
    """Two tokenizers with different vocabularies keep to their own, whatever each has encoded before."""
    first, second = vocab_of(*KNOWN, UNKNOWN), vocab_of(UNKNOWN, *KNOWN[::-1])
    for name, own in ((V1, first), (V2, second)):
        vocab = learner.put(own)
        tokenizer = learner.build(name, vocab=vocab)
        learner.build(name, vocab=first if own is second else second).keep("encode", KNOWN[0])
        for _ in range(2):
            expect_equal(tokenizer.call("encode", " ".join(words)), [own[word] for word in words], f"ids from {name}")
        expect_equal(tokenizer.call("decode", [own[word] for word in words]), " ".join(words), f"the text from {name}")
        expect_equal(vocab.value(), own, "the vocabulary")
