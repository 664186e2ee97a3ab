"""Visible checks of `bpe_tokenizer`: small texts worked out by hand, then rules, then a comparison with tiktoken."""

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import Golden, Port, expect_equal, expect_items, expect_of_helper, expect_raises, expect_same
from tests.visible.texts import EVERYTHING, FEW, texts
from tests.visible.vocabularies import SEA, first_merges, ids_of, learned, tiktoken_ids, tokenizer_of, train, vocab_of

MICE = "Three blind mice, three blind mice. See how they run!\r\nThey'll run 12 or 120 miles, très vite. 🐁"
"""The text of the recorded example."""


def test_ids_0_to_255_are_the_bytes(learner: Port) -> None:
    """The ids 0 to 255 of the vocabulary are the single bytes, in the order of their values."""
    vocab, _ = train(learner, "ab,ab", 257)
    single_bytes = {number: token for number, token in vocab.items() if number in range(256)}
    expect_equal(single_bytes, vocab_of([]), "the first 256 ids of the vocabulary")


def test_text_is_taken_as_utf8_bytes(learner: Port) -> None:
    """Training starts from the bytes of the text: the two bytes of "é" are a pair like any other.

    A character is one item in a str, but one to four bytes in UTF-8.
    """
    expect_equal(first_merges(learner, "é,é", 1), [(b"\xc3", b"\xa9")], "merges")


def test_a_piece_counts_as_often_as_it_stands_there(learner: Port) -> None:
    """A piece that appears twice in the text counts twice."""
    expect_equal(first_merges(learner, "ab,ab.cd", 1), [(b"a", b"b")], "merges")


def test_counts_follow_the_merges(learner: Port) -> None:
    """After each merge, the counts are those of the text as it is now.

    Here ("b", "c") disappears once "ab" is one token everywhere, and ("ab", "c") appears.
    """
    expect_equal(first_merges(learner, "abc,abc.abc1ab2ab3xy4xy", 2), [(b"a", b"b"), (b"ab", b"c")], "merges")


def test_every_neighbouring_position_counts(learner: Port) -> None:
    """Every position counts: "aaa" contains the pair ("a", "a") twice, although the two overlap.

    Two pieces "aaa" contain it four times, which is more than the three times that "bc" appears.
    """
    expect_equal(first_merges(learner, "aaa,aaa.bc1bc2bc", 1), [(b"a", b"a")], "merges")


def test_overlaps_are_replaced_from_left_to_right(learner: Port) -> None:
    """If occurrences overlap, the left one is replaced: "aaa" becomes "aa", "a"."""
    expect_equal(first_merges(learner, "aaa,aaa", 2), [(b"a", b"a"), (b"aa", b"a")], "merges")


def test_ties_go_to_the_greatest_pair(learner: Port) -> None:
    """Of the pairs with the highest count, the one that compares greatest as a pair of byte strings is merged.

    Compare the left tokens first, then the right ones. It doesn't matter where in the text the pairs appear.
    """
    expect_equal(first_merges(learner, "ab,ab.cd1cd2ce3ce4ba5ba", 1), [(b"c", b"e")], "merges")
    expect_equal(first_merges(learner, "ce,ce.cd1cd2ab3ab4ba5ba", 1), [(b"c", b"e")], "merges")


def test_ties_compare_bytes_and_not_ids(learner: Port) -> None:
    """Ties compare the tokens' bytes, not their ids: "x" is greater than "ab", although its id is smaller."""
    expect_equal(first_merges(learner, "abc,abc.ab1xy2xy", 2), [(b"a", b"b"), (b"x", b"y")], "merges")


def test_ties_compare_the_left_token_first(learner: Port) -> None:
    """Ties compare the left tokens first: ("ab", "a") is greater than ("a", "bz").

    It doesn't matter which is greater when joined, "aba" or "abz".
    """
    text = "bz,bz.bz1bz2bz3ab4ab5aba6aba7abz8abz"
    expect_equal(first_merges(learner, text, 3), [(b"b", b"z"), (b"a", b"b"), (b"ab", b"a")], "merges")


def test_a_space_belongs_to_the_word_after_it(learner: Port) -> None:
    """A space belongs to the piece of the word after it, and can be merged with that word.

    `GPT2_SPLIT_PATTERN` cuts this way; `str.split` throws the spaces away.
    """
    expect_equal(first_merges(learner, " b b b", 1), [(b" ", b"b")], "merges")


def test_no_merge_crosses_the_border_of_a_piece(learner: Port) -> None:
    """Pairs are counted only inside pieces: a line break is its own piece, so "a" doesn't pair with it."""
    expect_equal(first_merges(learner, "a\na\na\na,bc,bc", 1), [(b"b", b"c")], "merges")


def test_pairs_that_occur_once_are_merged_too(learner: Port) -> None:
    """A pair that appears only once is merged too, as long as there is room."""
    expect_equal(first_merges(learner, "ab", 1), [(b"a", b"b")], "merges")


def test_a_number_is_one_piece(learner: Port) -> None:
    r"""A number is one piece, however many digits it has.

    In GPT-2's pattern, ` ?\p{N}+` takes all of them. Later models cut numbers after three digits.
    """
    merges = [(b"4", b"5"), (b"3", b"45"), (b"2", b"345"), (b"1", b"2345")]
    expect_equal(first_merges(learner, "12345", 4), merges, "merges")


def test_training_stops_when_no_pair_is_left(learner: Port) -> None:
    """Training stops early, without an error, once every piece is one token and no pair is left."""
    vocab, merges = train(learner, "ab", 280)
    expect_equal(merges, [(b"a", b"b")], "merges")
    expect_equal(len(vocab), 257, "the size of the vocabulary")


def test_vocab_size_counts_everything(learner: Port) -> None:
    """`vocab_size` counts bytes, merges and special tokens together: with enough pairs, it is reached exactly."""
    for special_tokens in ([], ["<s>", "<e>"]):
        vocab, _ = train(learner, "abcdefghabcdefgh", 260, special_tokens)
        expect_equal(len(vocab), 260, "the size of the vocabulary")


def test_merges_come_after_the_bytes_and_special_tokens_last(learner: Port) -> None:
    """Ids from 256 on are the merges in the order learned, then the special tokens in the order given."""
    vocab, merges = train(learner, "abc,abc,ab", 260, ["<s>", "<e>"])
    expected = learned(vocab_of(merges, ["<s>", "<e>"]))
    expect_equal(learned(vocab), expected, "the vocabulary from 256 on")


def test_special_tokens_take_no_part_in_counting(learner: Port) -> None:
    """Special tokens are cut out before anything is counted."""
    expect_equal(first_merges(learner, "<s><s><s><s>ab1ab", 1, ["<s>"]), [(b"a", b"b")], "merges")


def test_no_merge_reaches_across_a_special_token(learner: Port) -> None:
    """The tokens before and after a special token are not neighbors."""
    expect_equal(first_merges(learner, "a<s>b,a<s>b.a<s>b1cd2cd", 1, ["<s>"]), [(b"c", b"d")], "merges")


def test_training_cuts_out_the_longest_special_token(learner: Port) -> None:
    """If two special tokens match at the same position, training cuts out the longer one, whichever is listed first."""
    for special_tokens in (["<s>", "<s>abc"], ["<s>abc", "<s>"]):
        expect_equal(first_merges(learner, "<s>abc<s>abc<s>abc,de.de", 1, special_tokens), [(b"d", b"e")], "merges")


def test_too_small_a_vocab_size_raises(learner: Port) -> None:
    """A `vocab_size` without room for the 256 bytes raises ValueError."""
    with expect_raises(learner, because="255 ids are too few for 256 bytes"):
        learner.call("train_bpe", "ab", 255)


def test_the_smallest_vocab_size_learns_nothing(learner: Port) -> None:
    """With room for the bytes only, training succeeds and learns no merges."""
    expect_equal(train(learner, "ab", 256)[1], [], "merges")


def test_a_merge_joins_whole_tokens(learner: Port) -> None:
    """A merge joins two whole tokens: ("b", "c") doesn't change "abc" if that is "ab" and "c" by then."""
    expected = [(b"a", b"b"), (b"b", b"c"), (b"ab", b"c")]
    expect_equal(first_merges(learner, "ab,ab.ab1abc2bc3bc", 3), expected, "merges")
    expected = [(b"a", b"b"), (b"c", b"a"), (b"c", b"ab")]
    expect_equal(first_merges(learner, "ab,ab.ab1cab2ca3ca", 3), expected, "merges")


def test_training_leaves_its_arguments_alone(learner: Port) -> None:
    """`train_bpe` doesn't change the list of special tokens that you pass in.

    `sorted` makes a new list; `list.sort` changes the caller's.
    """
    given_tokens = ["b", "<s>", "a", "<end>"]
    kept = learner.put(given_tokens)
    learner.call("train_bpe", "ab,ab", 261, special_tokens=kept)
    expect_equal(kept.value(), given_tokens, "the list of special tokens after the call")


def test_calls_do_not_influence_each_other(learner: Port) -> None:
    """A text always gets the same ids, whatever was encoded or decoded before: nothing piles up in the tokenizer."""
    tokenizer = tokenizer_of(learner, SEA)
    first = ids_of(tokenizer, "she")
    tokenizer.keep("decode", tokenizer.keep("encode", "sells"))
    expect_same(tokenizer.call("encode", "she"), first, "the ids of the second call")


def test_the_ids_belong_to_the_caller(learner: Port) -> None:
    """Whoever gets a list of ids may change it: the same text gives the same ids afterward.

    A tokenizer that remembers lists returns a copy of what it remembers.
    """
    tokenizer = tokenizer_of(learner, SEA)
    for text in ("shells", "he"):
        ids = tokenizer.keep("encode", text)
        first = ids.value()
        if isinstance(first, list):
            ids.call("clear")
        expect_same(tokenizer.call("encode", text), first, f"the ids of {text!r}, after the first list was emptied")


def test_two_tokenizers_do_not_share_anything(learner: Port) -> None:
    """Two tokenizers side by side each use only their own merges.

    Whatever is remembered belongs to one tokenizer. A class attribute belongs to all of them.
    """
    sea, she = tokenizer_of(learner, SEA), tokenizer_of(learner, [(b"s", b"h"), (b"sh", b"e")])
    for tokenizer, expected in ((sea, [259]), (she, [104, 101]), (sea, [259])):
        expect_equal(tokenizer.call("encode", "he"), expected, "the ids")


def test_the_empty_text_has_no_ids(learner: Port) -> None:
    """`encode("")` is an empty list, and `decode([])` is the empty text."""
    expect_equal(tokenizer_of(learner, SEA).call("encode", ""), [], "the ids")
    expect_equal(tokenizer_of(learner, SEA, ["END"]).call("encode", ""), [], "the ids")
    expect_equal(tokenizer_of(learner, SEA).call("decode", []), "", "the text")


def test_the_merge_learned_first_is_made_first(learner: Port) -> None:
    """Of the pairs in a piece, the one learned first is merged first, not the leftmost and not the longest."""
    left = tokenizer_of(learner, [(b"b", b"c"), (b"a", b"b")])  # learned from "bc bc ab"
    expect_equal(left.call("encode", "abc"), [97, 256], "the ids")
    right = tokenizer_of(learner, [(b"b", b"c"), (b"c", b"a")])  # learned from "bc bc ca"
    expect_equal(right.call("encode", "bca"), [256, 97], "the ids")
    inside = tokenizer_of(learner, [(b"c", b"c"), (b"c", b"a")])  # learned from "cacc"
    expect_equal(inside.call("encode", "cacca"), [257, 256, 97], "the ids")


def test_a_merge_makes_others_possible(learner: Port) -> None:
    """Merging continues until no known pair is left: "l", "l", "s" becomes "l", "ls", and then "lls"."""
    expect_equal(tokenizer_of(learner, SEA).call("encode", "lls"), [258], "the ids")


def test_a_pair_is_merged_wherever_it_stands(learner: Port) -> None:
    """A pair that appears several times in a piece is merged everywhere, from left to right if it overlaps."""
    expect_equal(tokenizer_of(learner, SEA).call("encode", "heheshe"), [259, 259, 115, 259], "the ids")
    runs = tokenizer_of(learner, [(b"a", b"a")])  # learned from "aaa"
    expect_equal(runs.call("encode", "aaaaa"), [256, 256, 97], "the ids")


def test_encoding_keeps_to_the_pieces(learner: Port) -> None:
    """Encoding cuts text into pieces as training does: "'lls" is "'ll" and "s", so "l" and "s" stay apart.

    And of two spaces before a word, the second one belongs to the word, so the two stay apart.
    """
    expect_equal(tokenizer_of(learner, SEA).call("encode", "'lls"), [39, 108, 108, 115], "the ids")
    spaces = tokenizer_of(learner, [(b" ", b" ")])  # learned from "a   b"
    expect_equal(spaces.call("encode", "a  b"), [97, 32, 32, 98], "the ids")


def test_a_special_token_becomes_its_one_id(learner: Port) -> None:
    """Each special token in a text becomes its single id, even at the start, at the end, or twice in a row."""
    tokenizer = tokenizer_of(learner, SEA, ["END"])
    expect_equal(tokenizer.call("encode", "ENDheENDEND"), [260, 259, 260, 260], "the ids")


def test_special_tokens_are_taken_literally(learner: Port) -> None:
    """A special token matches exactly its own characters: "h|e" doesn't mean "h or e".

    Characters such as | and . have a special meaning in a regular expression unless you escape them.
    """
    tokenizer = tokenizer_of(learner, SEA, ["h|e"])
    expect_equal(tokenizer.call("encode", "he"), [259], "the ids")
    expect_equal(tokenizer.call("encode", "h|e"), [260], "the ids")


def test_only_special_tokens_that_were_given_are_special(learner: Port) -> None:
    """A text such as "END" is special only if it's among the `special_tokens` given, whatever the vocabulary has."""
    tokenizer = learner.build("BPETokenizer", vocab=vocab_of(SEA, ["END"]), merges=SEA)
    expect_equal(tokenizer.call("encode", "END"), [69, 78, 68], "the ids")


def test_the_longest_special_token_wins(learner: Port) -> None:
    """If two special tokens match at the same position, the longer one wins, whichever is listed first."""
    expect_equal(tokenizer_of(learner, SEA, ["END", "END2"]).call("encode", "END2"), [261], "the ids")
    expect_equal(tokenizer_of(learner, SEA, ["END2", "END"]).call("encode", "END2"), [260], "the ids")


def test_the_leftmost_special_token_is_taken_first(learner: Port) -> None:
    """Special tokens are found from left to right: "<a><b>" in "<a><b><c><d>", although "<b><c><d>" is longer.

    The longer one wins only if both match at the same position.
    """
    tokenizer = tokenizer_of(learner, SEA, ["<a><b>", "<b><c><d>"])
    expected = [260, *b"<c><d>"]
    expect_equal(tokenizer.call("encode", "<a><b><c><d>"), expected, "the ids")


def test_bytes_are_joined_before_they_are_read(learner: Port) -> None:
    """`decode` joins the bytes of all ids before it reads them as UTF-8: a character can span several ids."""
    expect_equal(tokenizer_of(learner, SEA).call("decode", [195, 169]), "é", "the text")


def test_half_a_character_becomes_the_replacement_sign(learner: Port) -> None:
    """Bytes that aren't valid UTF-8 become "�" (U+FFFD): no error, and nothing left out."""
    expect_equal(tokenizer_of(learner, SEA).call("decode", [195, 97]), "�a", "the text")


def test_unknown_ids_raise_key_error(learner: Port) -> None:
    """`decode` raises KeyError for an id that isn't in the vocabulary."""
    tokenizer = tokenizer_of(learner, SEA)
    for number in (260, -1):
        with expect_raises(learner, "KeyError", because=f"the ids go from 0 to 259, and {number} isn't one of them"):
            tokenizer.call("decode", [97, number])


def test_tokenizers_leave_their_arguments_alone(learner: Port) -> None:
    """Building and using a tokenizer changes neither the vocabulary nor the lists that you pass in."""
    handed = {"merges": SEA, "special_tokens": ["<s>", "<end>"], "vocab": vocab_of(SEA, ["<s>", "<end>"])}
    kept = {name: learner.put(value) for name, value in handed.items()}
    learner.build("BPETokenizer", **kept).call("encode", "she sells<end>")
    for name, value in handed.items():
        expect_equal(kept[name].value(), value, f"{name} after the calls")


@settings(max_examples=30)
@given(text=st.one_of(texts(*FEW), texts(*EVERYTHING), texts("END", "E", "N", " D", "é", "e\u0301", "\r\n")))
def test_decoding_undoes_encoding(learner: Port, text: str) -> None:
    """`decode(encode(text))` gives the text back: every letter, line break, space and emoji."""
    tokenizer = tokenizer_of(learner, SEA, ["END"])
    expect_equal(tokenizer.call("decode", tokenizer.keep("encode", text)), text, "the text")


def test_every_small_character_comes_back(learner: Port) -> None:
    """`decode(encode(text))` also gives back what can't be seen, and the signs that stand for it in GPT-2's files.

    What can't be seen are NUL, other control characters and the byte order mark; "Ġ" stands for a space there, and "Ċ"
    for a line break.
    """
    tokenizer = tokenizer_of(learner, SEA)
    for text in ("".join(map(chr, range(256))), "\ufeffhe\ufeff", "ĠheĊ"):
        expect_equal(tokenizer.call("decode", tokenizer.keep("encode", text)), text, "the text")


@given(text=st.one_of(texts("she", "l", "s", " ", "he", "ells", "'"), texts(*EVERYTHING)))
def test_ids_equal_tiktokens(learner: Port, text: str) -> None:
    """The ids are the same as tiktoken's with the same ranks."""
    expected = tiktoken_ids(text, SEA, ["END"])
    expect_equal(tokenizer_of(learner, SEA, ["END"]).call("encode", text), expected, "the ids")


def test_the_recorded_training_comes_out(learner: Port, golden: Golden) -> None:
    """Training on a short text gives the merges and the vocabulary that a correct solution learns."""
    vocab, merges = train(learner, MICE, 300, ["<|endoftext|>"])
    golden.expect("merges", merges, "merges")
    golden.expect("learned", learned(vocab), "the vocabulary")


def test_merge_pair_goes_from_left_to_right(learner: Port) -> None:
    """`merge_pair` merges each occurrence of the pair, from left to right, and leaves everything else as it is.

    This is about a helper that the stub suggests: if you do without it, only `train_bpe` counts.
    """

    def helper() -> None:
        for text, merged in ((b"aaa", [b"aa", b"a"]), (b"baab", [b"b", b"aa", b"b"]), (b"ba", [b"b", b"a"])):
            tokens = [bytes([value]) for value in text]
            expect_equal(learner.call("merge_pair", tokens, (b"a", b"a")), merged, "the tokens")

    expect_of_helper(
        helper,
        lambda: expect_equal(first_merges(learner, "aaa,aaa", 2), [(b"a", b"a"), (b"aa", b"a")], "merges"),
    )


def test_split_at_special_tokens_makes_parts_of_them(learner: Port) -> None:
    """`split_at_special_tokens` makes each special token a part by itself; without any, the text is one part.

    This is about a helper that the stub suggests: if you do without it, only `encode` counts.
    """

    def helper() -> None:
        for special_tokens, parts in (
            ([], ["a<s>b"]),
            (["<s>"], ["a", "<s>", "b"]),
            (["<s>", "<s>b"], ["a", "<s>b"]),
        ):
            got = expect_items(learner.call("split_at_special_tokens", "a<s>b", special_tokens), str, "the parts")
            expect_equal([part for part in got if part], parts, "the parts that aren't empty")

    tokens = ["<s>", "<s>b"]
    ids = [97, 261]
    expect_of_helper(helper, lambda: expect_equal(ids_of(tokenizer_of(learner, SEA, tokens), "a<s>b"), ids, "the ids"))


def test_encode_piece_makes_the_earliest_merge_first(learner: Port) -> None:
    """`encode_piece` returns the ids of one piece; of the pairs it has, the one learned first is merged next.

    This is about a helper that the stub suggests: if you do without it, only `encode` counts.
    """
    for piece, ids in ((" sells", [256, 101, 258]), ("hell", [259, 108, 108]), ("x", [120])):

        def helper(piece: str = piece, ids: list[int] = ids) -> None:
            expect_equal(tokenizer_of(learner, SEA).call("encode_piece", piece), ids, "the ids")

        def whole(piece: str = piece, ids: list[int] = ids) -> None:
            expect_equal(ids_of(tokenizer_of(learner, SEA), piece), ids, "the ids")

        expect_of_helper(helper, whole)
