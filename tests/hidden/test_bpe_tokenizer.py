"""Hidden checks of `bpe_tokenizer`: drawn texts of every kind, compared with the reference and with tiktoken."""

import random
from collections.abc import Sequence

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, expect_raises, expect_same, seeds, sizes
from tests.visible.texts import EVERYTHING, FEW, WHITE_SPACE, texts
from tests.visible.vocabularies import (
    GPT2_SPLIT_PATTERN,
    SEA,
    first_merges,
    ids_of,
    tiktoken_ids,
    tokenizer_of,
    train,
    vocab_of,
)

WORDS = ("low", " low", " lower", " newest", " widest", ", ", "\n", "new")
NESTED = ("<s>", "<s>ab", "|", "<s>ab.*", "a b")
"""Special tokens of which some begin others, with characters that mean something in a regular expression."""
APART = ("<|end|>", "[A-Z]", ">b", " é\n", "(?")
"""Special tokens of which none begins another; the first can overlap the third."""

OVERLAPPING = ("<a>", "<a><b>", "<b><c><d>")
"""Special tokens of which the first begins the second, and the longest begins inside the second."""
SHE = ((b"s", b"h"), (b"sh", b"e"))
LETTERS = "abcdefghijklmnopqr"
MANY_WORDS = " ".join(left + right for left in LETTERS for right in LETTERS)
"""A text with more than 300 merges to learn."""

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)


def expect_training_as_by(
    reference: Port, learner: Port, text: str, merges: int, special_tokens: Sequence[str] = ()
) -> None:
    """Fail unless learner and reference learn the same from a text."""
    size = 256 + merges + len(special_tokens)
    got, expected = (train(port, text, size, special_tokens) for port in (learner, reference))
    expect_equal(got[1], expected[1], "merges")
    if special_tokens:
        expect_equal(got[0], expected[0], "the vocabulary")


@given(missing=sizes(1, 300), special_tokens=st.lists(st.sampled_from(APART), unique=True))
def test_every_vocab_size_below_the_smallest_raises(learner: Port, missing: int, special_tokens: list[str]) -> None:
    """Every `vocab_size` below 256 plus the number of special tokens raises ValueError."""
    smallest = 256 + len(special_tokens)
    with expect_raises(learner, because=f"{smallest} is the smallest possible vocab_size"):
        learner.call("train_bpe", "ab", smallest - missing, special_tokens=special_tokens)


@given(text=texts(*FEW), few=sizes(0, 5), more=sizes(0, 10))
def test_fewer_merges_are_the_beginning_of_more(learner: Port, text: str, few: int, more: int) -> None:
    """A larger `vocab_size` learns the same merges first, and then more."""
    shorter, longer = first_merges(learner, text, few), first_merges(learner, text, few + more)
    expect_same(shorter, longer[:few], "the merges of the smaller vocabulary")


@given(text=texts(*WORDS, *FEW))
def test_the_trained_text_ends_as_one_id_a_piece(learner: Port, text: str) -> None:
    """Trained until no pair is left, the tokenizer gives one id for each piece of its training text."""
    merges = first_merges(learner, text, 150)
    expect_equal(
        len(ids_of(tokenizer_of(learner, merges), text)),
        len(regex.findall(GPT2_SPLIT_PATTERN, text)),
        "the number of ids",
    )


@given(ids=st.lists(st.integers(0, 259), max_size=4), unknown=st.integers(-300, -1) | st.integers(260, 10**6))
def test_an_unknown_id_among_known_ones_raises(learner: Port, ids: list[int], unknown: int) -> None:
    """A single unknown id, anywhere in the list, raises KeyError, even if it is negative."""
    tokenizer = tokenizer_of(learner, SEA)
    with expect_raises(learner, "KeyError", because=f"{unknown} is not in the vocabulary, whose ids go from 0 to 259"):
        tokenizer.call("decode", [*ids, unknown, *ids])


def test_a_special_token_may_spell_an_ordinary_one(learner: Port) -> None:
    """A special token that spells the same bytes as an ordinary one has its own id, and both can be decoded."""
    tokenizer = tokenizer_of(learner, SEA, ["he"])
    expect_equal(tokenizer.call("encode", "she"), [115, 260], "the ids")
    expect_equal(tokenizer.call("decode", [259, 260]), "hehe", "the text")


@given(
    text=texts(*NESTED, "<", "s>", "a", "b", "ab"),
    special_tokens=st.lists(st.sampled_from([*NESTED, "<s><s>"]), unique=True),
)
def test_nested_special_tokens_equal_the_reference(
    learner: Port, reference: Port, text: str, special_tokens: list[str]
) -> None:
    """Special tokens that start with another one, touch, or contain regex characters are found: the longest wins."""
    got, expected = (tokenizer_of(port, SEA, special_tokens).call("encode", text) for port in (learner, reference))
    expect_equal(got, expected, "the ids")


@given(text=texts("<a><b><c><d>", "<a>", "<b>", "<c><d>", "x"), special_tokens=st.permutations(OVERLAPPING))
def test_overlapping_special_tokens_equal_the_reference(
    learner: Port, reference: Port, text: str, special_tokens: list[str]
) -> None:
    """In training and in encoding, overlapping special tokens are found left to right, the longest at each position."""
    text += "<a><b><c><d>"
    got, expected = (tokenizer_of(port, SEA, special_tokens).call("encode", text) for port in (learner, reference))
    expect_equal(got, expected, "the ids")
    expect_training_as_by(reference, learner, text, 3, special_tokens)


@given(uses=st.lists(st.tuples(sizes(0, 1), st.sampled_from(["she", "he", "", " sells"])), min_size=2, max_size=6))
def test_tokenizers_and_their_calls_are_independent(
    learner: Port, reference: Port, uses: list[tuple[int, str]]
) -> None:
    """Two tokenizers used in turn each give the ids of their own merges, whatever they encoded before."""
    tokenizers, reference_tokenizers = (
        [tokenizer_of(port, merges) for merges in (SEA, SHE)] for port in (learner, reference)
    )
    for number, text in uses:
        got = tokenizers[number].call("encode", text)
        expect_equal(
            got, reference_tokenizers[number].call("encode", text), f"the ids of {text!r} from tokenizer {number}"
        )


@given(text=st.sampled_from(["she", "he", " sells", "shells", "a sea shell", "l", ""]))
def test_ids_handed_out_belong_to_the_caller(learner: Port, reference: Port, text: str) -> None:
    """A list of ids that the caller changes has no influence on later calls."""
    tokenizer = tokenizer_of(learner, SEA)
    ids = tokenizer.keep("encode", text)
    if isinstance(ids.value(), list):
        ids.call("append", 7)
    expected = tokenizer_of(reference, SEA).call("encode", text)
    expect_equal(tokenizer.call("encode", text), expected, f"the ids of {text!r}, after the first list was changed")


@given(text=texts("END", "he", " ", "E", "<s>"), special_tokens=st.sampled_from([[], ["<s>"]]))
def test_entries_of_the_vocabulary_are_not_special(
    learner: Port, reference: Port, text: str, special_tokens: list[str]
) -> None:
    """Whatever else the vocabulary has, only the special tokens that are given are special."""
    vocab = vocab_of(SEA, ["END", "<s>"])
    got, expected = (
        port.build("BPETokenizer", vocab=vocab, merges=SEA, special_tokens=special_tokens).call("encode", text)
        for port in (learner, reference)
    )
    expect_equal(got, expected, "the ids")


@given(special_tokens=st.permutations(NESTED))
def test_arguments_stay_for_every_order_of_special_tokens(learner: Port, special_tokens: list[str]) -> None:
    """Building and using a tokenizer leaves its arguments unchanged, in whatever order special tokens come."""
    handed = {"merges": SEA, "special_tokens": special_tokens, "vocab": vocab_of(SEA, special_tokens)}
    kept = {name: learner.put(value) for name, value in handed.items()}
    learner.build("BPETokenizer", **kept).call("encode", "she sells<s>")
    for name, value in handed.items():
        expect_equal(kept[name].value(), value, f"{name} after the calls")


@given(text=ANY_TEXT, special_tokens=st.lists(st.sampled_from(APART), unique=True))
def test_every_text_comes_back(learner: Port, text: str, special_tokens: list[str]) -> None:
    """`decode(encode(text))` gives the text back, for every character of Unicode."""
    tokenizer = tokenizer_of(learner, SEA, special_tokens)
    expect_equal(tokenizer.call("decode", tokenizer.keep("encode", text)), text, "the text")


@given(
    text=st.text(st.characters(max_codepoint=0xA0) | st.sampled_from("\ufeff\u200b\u2028ĠĊ"), min_size=8, max_size=40)
)
def test_every_control_character_comes_back(learner: Port, text: str) -> None:
    """`decode(encode(text))` gives the text back, with all that can't be seen and the signs that stand for it."""
    tokenizer = tokenizer_of(learner, SEA)
    expect_equal(tokenizer.call("decode", tokenizer.keep("encode", text)), text, "the text")


@given(ids=st.lists(st.integers(97, 99) | st.integers(0, 260), max_size=8))
def test_decoding_equals_joined_bytes(learner: Port, ids: list[int]) -> None:
    """Any list of ids decodes to its joined bytes, read as UTF-8, with "�" for whatever isn't valid."""
    vocab = vocab_of(SEA, ["é"])
    expected = b"".join(vocab[number] for number in ids).decode("utf-8", errors="replace")
    expect_equal(tokenizer_of(learner, SEA, ["é"]).call("decode", ids), expected, "the text")


@given(text=texts(*FEW), merges=sizes(1, 40))
def test_training_on_few_letters_equals_the_reference(learner: Port, reference: Port, text: str, merges: int) -> None:
    """Texts with few letters, in which pairs repeat, tie and overlap, give the right merges in the right order."""
    expect_training_as_by(reference, learner, text, merges)


@given(runs=st.lists(st.tuples(st.sampled_from("aab,"), sizes(1, 9)), max_size=6), merges=sizes(1, 20))
def test_training_on_runs_equals_the_reference(
    learner: Port, reference: Port, runs: list[tuple[str, int]], merges: int
) -> None:
    """Runs of one letter, in which occurrences overlap again after every merge, give the right merges."""
    expect_training_as_by(reference, learner, "".join(letter * length for letter, length in runs), merges)


@given(text=texts(*WORDS, longest=30), merges=sizes(1, 40))
def test_training_on_words_equals_the_reference(learner: Port, reference: Port, text: str, merges: int) -> None:
    """Words that repeat give the right merges: a merge changes the counts in every word that contains it."""
    expect_training_as_by(reference, learner, text, merges)


@given(text=texts(*"012", "1234", " 1234", "2024", " 10000", ",", longest=16), merges=sizes(3, 40))
def test_training_on_numbers_equals_the_reference(learner: Port, reference: Port, text: str, merges: int) -> None:
    """Training on numbers learns the right merges, however many digits they have."""
    expect_training_as_by(reference, learner, text + " 31415", merges)


@given(text=texts(*EVERYTHING), merges=sizes(1, 80))
def test_training_on_all_scripts_equals_the_reference(learner: Port, reference: Port, text: str, merges: int) -> None:
    """Letters of all scripts, numbers, signs, marks and emoji give the right merges, down to their single bytes."""
    expect_training_as_by(reference, learner, text, merges)


@given(text=texts(*WHITE_SPACE, "a", "a", "ab"), merges=sizes(1, 40))
def test_training_on_white_space_equals_the_reference(learner: Port, reference: Port, text: str, merges: int) -> None:
    """White space of every kind, including Unix and Windows line breaks, gives the right merges."""
    expect_training_as_by(reference, learner, text, merges)


@given(
    text=texts(*NESTED, "a", "b", "ab", "<s", "é"),
    special_tokens=st.lists(st.sampled_from(NESTED), unique=True),
    merges=sizes(0, 30),
)
def test_training_with_special_tokens_equals_the_reference(
    learner: Port, reference: Port, text: str, special_tokens: list[str], merges: int
) -> None:
    """Texts whose special tokens touch, repeat, or start with another one give the right merges and vocabulary."""
    expect_training_as_by(reference, learner, text, merges, special_tokens)


@given(trained=texts(*"abcd ", longest=40), text=texts(*"abcd ", longest=30), merges=sizes(5, 60))
def test_ids_equal_tiktokens_for_drawn_merges(
    learner: Port, reference: Port, trained: str, text: str, merges: int
) -> None:
    """With merges learned from any text, the ids of any other text are the same as tiktoken's."""
    ranks = first_merges(reference, trained, merges)
    expect_equal(tokenizer_of(learner, ranks).call("encode", text), tiktoken_ids(text, ranks), "the ids")


@settings(max_examples=30)
@given(text=texts(*EVERYTHING, longest=30), merges=sizes(1, 90))
def test_ids_of_all_scripts_equal_tiktokens(learner: Port, reference: Port, text: str, merges: int) -> None:
    """For letters of all scripts, numbers, signs, emoji and white space, the ids are the same as tiktoken's."""
    ranks = first_merges(reference, text[: len(text) // 2], merges)
    expect_equal(tokenizer_of(learner, ranks).call("encode", text), tiktoken_ids(text, ranks), "the ids")


@given(
    text=texts(*APART, "<|end|", "a", "b", "\n", "A"),
    special_tokens=st.lists(st.sampled_from(APART), unique=True, min_size=1),
    merges=sizes(0, 30),
)
def test_ids_with_special_tokens_equal_tiktokens(
    learner: Port, reference: Port, text: str, special_tokens: list[str], merges: int
) -> None:
    """For texts with special tokens, even overlapping ones, the ids are the same as tiktoken's."""
    ranks = first_merges(reference, text, merges, special_tokens)
    expected = tiktoken_ids(text, ranks, special_tokens)
    expect_equal(tokenizer_of(learner, ranks, special_tokens).call("encode", text), expected, "the ids")


@given(letters=st.sampled_from(["ab", "aab", "abc"]), times=sizes(129, 150), merges=sizes(1, 4))
def test_ids_of_very_long_words_equal_tiktokens(
    learner: Port, reference: Port, letters: str, times: int, merges: int
) -> None:
    """Very long words give the same ids as tiktoken, as short ones do.

    Do you compare positions with `is`? It asks whether both are the same object, and only small integers are sure to
    be.
    """
    text = letters * times
    ranks = first_merges(reference, text, merges)
    expect_equal(tokenizer_of(learner, ranks).call("encode", text), tiktoken_ids(text, ranks), "the ids")


@given(times=sizes(257, 300), merges=sizes(1, 4))
def test_ties_of_large_counts_go_to_the_greatest_pair(learner: Port, reference: Port, times: int, merges: int) -> None:
    """Ties go to the greatest pair even if the pairs appear very often.

    Do you compare counts with `is`? It asks whether both are the same object, and only small integers are sure to be.
    """
    expect_training_as_by(reference, learner, " ab cd" * times, merges)


@settings(max_examples=10)
@given(seed=seeds(), merges=sizes(20, 40))
def test_training_on_several_hundred_words_equals_the_reference(
    learner: Port, reference: Port, seed: int, merges: int
) -> None:
    """Many different words, some rare and some frequent, give the right merges: all are counted and updated."""
    draw = random.Random(seed)
    words = [" " + "".join(draw.choices("abcd", k=draw.randint(2, 6))) for _ in range(600)]
    expect_training_as_by(reference, learner, "".join(word * draw.randint(1, 9) for word in words), merges)


def test_several_hundred_merges_are_learned(learner: Port, reference: Port) -> None:
    """A vocabulary with room for many merges gets exactly that many, and the right ones."""
    expect_training_as_by(reference, learner, MANY_WORDS, 300)


def test_ids_of_several_hundred_merges_equal_tiktokens(learner: Port, reference: Port) -> None:
    """With many merges, the ids of words and special tokens are the same as tiktoken's."""
    ranks = first_merges(reference, MANY_WORDS, 300)
    text = f"{MANY_WORDS}<|end|>ab"
    expected = tiktoken_ids(text, ranks, ["<|end|>"])
    expect_equal(tokenizer_of(learner, ranks, ["<|end|>"]).call("encode", text), expected, "the ids")


def test_special_tokens_stand_in_the_vocabulary_in_utf_8(learner: Port) -> None:
    """Special tokens with accents or from other scripts are in the vocabulary as their UTF-8 bytes."""
    special_tokens = ["<é>", "終"]
    vocab, _ = train(learner, "ab", 258, special_tokens)
    got = [vocab.get(256), vocab.get(257)]
    expect_equal(got, [token.encode() for token in special_tokens], "the last two tokens of the vocabulary")
