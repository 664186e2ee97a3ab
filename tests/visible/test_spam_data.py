"""Visible checks of `spam_data`: small frames of messages, and datasets whose ids count letters: 1 for a, 2 for b."""

from grader.checks import Port, expect, expect_equal, expect_number, expect_same, expect_tensor
from grader.learner.encodings import ENCODINGS
from tests.visible.messages import (
    INT64,
    PARTS,
    balanced,
    contents_of,
    dataset_of,
    expect_untouched,
    frame_of,
    gaps,
    ids_of,
    item_of,
    label_of,
    labeled,
    length_of,
    mixed,
    path_of,
    row_of,
    split,
)

TALE = ("the heat in there", "a tin", "then he ate in the inn")
"""Texts in which many tokens of GPT-2's encoding are longer than a letter."""


def test_rows_come_back_unchanged(learner: Port) -> None:
    """Both functions on frames return rows of the frame as they are: each text keeps its label.

    Labels are still words in `create_balanced_dataset`. And shuffling moves whole rows, not the columns one by one.
    """
    got = balanced(learner, frame_of(learner, mixed(12, 4)))
    expect(not got["changed"], got="balanced: a row that the frame doesn't have", expected="rows of the frame")
    _, together = split(learner, frame_of(learner, labeled(20)), 0.5, 0.25)
    expect(not together["changed"], got="split: a row that the frame doesn't have", expected="rows of the frame")


def test_all_spam_is_kept(learner: Port) -> None:
    """The balanced frame contains each spam row exactly once.

    There are few of them, and the classifier needs them all.
    """
    for ham, spam in ((12, 4), (9, 9)):
        got = balanced(learner, frame_of(learner, mixed(ham, spam)), "spam")
        where = f"{ham} ham, {spam} spam"
        expect(not got["missing"], got="a balanced frame without some of the spam", expected="all spam", where=where)
        expect(got["rows"] == spam, got=f"{got['rows']} spam rows", expected=str(spam), where=where)


def test_there_is_as_much_ham_as_spam(learner: Port) -> None:
    """The balanced frame has as many ham rows as spam rows."""
    for ham, spam in ((12, 4), (10, 1), (9, 9)):
        frame = frame_of(learner, mixed(ham, spam))
        got = balanced(learner, frame, "ham")["rows"]
        expect(got == spam, got=f"{got} ham rows", expected=str(spam), where=f"{ham} ham, {spam} spam")


def test_no_ham_row_comes_twice(learner: Port) -> None:
    """The ham rows in the balanced frame are different rows: a row that was drawn isn't put back.

    With as much ham as spam there is only one choice: all of it.
    """
    for ham, spam in ((9, 9), (20, 16)):
        got = balanced(learner, frame_of(learner, mixed(ham, spam)), "ham")
        expect(
            not got["repeated"], got="a ham row twice", expected="each at most once", where=f"{ham} ham, {spam} spam"
        )


def test_no_row_is_in_two_parts(learner: Port) -> None:
    """The three parts of a split have no row in common.

    A row that is trained on says nothing about new messages, so it must not be in the test as well.
    """
    for rows in (20, 33):
        _, together = split(learner, frame_of(learner, labeled(rows)), 0.6, 0.2)
        got = "a row in two parts, or twice in one"
        expect(not together["repeated"], got=got, expected="each row in one part", where=f"{rows} rows")


def test_no_row_is_lost(learner: Port) -> None:
    """Each row is in one of the three parts: the third one is whatever the first two leave over."""
    for rows in (20, 33, 18):
        _, together = split(learner, frame_of(learner, labeled(rows)), 0.6, 0.2)
        expect(not together["missing"], got="a row in no part", expected="all rows", where=f"{rows} rows")


def test_the_parts_have_their_sizes(learner: Port) -> None:
    """The first two parts have `int(len(df) * fraction)` rows, and the third has the rest.

    Both are fractions of the whole frame. Cut off the decimals of each product by itself, before you add anything.
    """
    for rows, train_frac, validation_frac in ((20, 0.5, 0.25), (17, 0.7, 0.1), (18, 0.6, 0.15), (19, 0.2, 0.7)):
        parts, _ = split(learner, frame_of(learner, labeled(rows)), train_frac, validation_frac)
        sizes = [int(rows * train_frac), int(rows * validation_frac)]
        expected = [*sizes, rows - sum(sizes)]
        got = [part["rows"] for part in parts]
        expect(
            got == expected,
            got=f"parts of {got} rows",
            expected=str(expected),
            where=f"{rows} rows, train_frac={train_frac}, validation_frac={validation_frac}",
        )


def test_the_rows_are_shuffled(learner: Port) -> None:
    """Each part gets rows from anywhere in the frame, not a piece of it.

    A balanced frame often has all ham first. Then a piece at its end would be nothing but spam.
    """
    parts, _ = split(learner, frame_of(learner, labeled(60)), 0.5, 0.3)
    for part, name in zip(parts[:2], PARTS[:2], strict=True):
        expect(not part["neighbors"], got=f"a piece of the frame as {name} part", expected="rows from anywhere")


def test_repeated_messages_are_rows_of_their_own(learner: Port) -> None:
    """A message that occurs twice is two rows, which both count: they may well be in different parts."""
    rows = [*mixed(8, 4), *mixed(8, 4)]
    for label in ("spam", "ham"):
        got = balanced(learner, frame_of(learner, rows), label)["rows"]
        expect(got == 8, got=f"{got} {label} rows", expected="8", where="each message occurs twice")
    parts, together = split(learner, frame_of(learner, labeled(12) + labeled(12)), 0.5, 0.25)
    got = [part["rows"] for part in parts]
    expect(got == [12, 6, 6], got=f"parts of {got} rows", expected="[12, 6, 6]", where="each message occurs twice")
    expect(not together["missing"], got="a row in no part", expected="all rows", where="each message occurs twice")


def test_any_index_will_do(learner: Port) -> None:
    """The index of a frame doesn't have to be 0, 1, 2, …: a frame whose rows were selected has gaps in it.

    `iloc` counts rows, `loc` looks up names in the index.
    """
    got = balanced(learner, frame_of(learner, mixed(10, 4), gaps(14)))
    expect(got["rows"] == 8, got=f"{got['rows']} balanced rows", expected="8")
    parts, together = split(learner, frame_of(learner, labeled(16), gaps(16)), 0.5, 0.25)
    sizes = [part["rows"] for part in parts]
    expect(sizes == [8, 4, 4], got=f"parts of {sizes} rows", expected="[8, 4, 4]")
    expect(not together["missing"], got="a row in no part", expected="all rows")


def test_the_frame_stays_as_it_was(learner: Port) -> None:
    """The frame that the caller passes keeps its rows, their order and their index.

    Methods with `inplace=True`, and assignments to `df[…]`, write into the caller's frame.
    """
    frame = frame_of(learner, mixed(8, 3), gaps(11))
    learner.keep("create_balanced_dataset", frame)
    expect_untouched(learner, frame, mixed(8, 3), gaps(11))
    frame = frame_of(learner, labeled(10), gaps(10))
    learner.keep("random_split", frame, 0.5, 0.2)
    expect_untouched(learner, frame, labeled(10), gaps(10))


def test_datasets_do_not_share_anything(learner: Port) -> None:
    """Making a second dataset leaves the length and the items of the first one as they were."""
    first = dataset_of(learner, [(1, "abc"), (0, "bca")], max_length=3)
    before = contents_of(first)
    contents_of(dataset_of(learner, [(0, "dddd"), (1, "eeee"), (1, "cccc")], max_length=4))
    expect_same(contents_of(first), before, "the length and two items of the first dataset, once there is a second")


def test_an_item_is_a_pair_of_ids_and_label(learner: Port) -> None:
    """An item is `(ids, label)`: an int64 tensor `(max_length,)`, and an int or an int64 tensor `()`."""
    dataset = dataset_of(learner, [(1, "abc"), (0, "cab")], max_length=3)
    for index in (0, 1):
        ids, label = item_of(dataset, index)
        expect_tensor(ids, (3,), INT64, f"the ids of item {index}")
        if type(label) is not int:
            expect_tensor(label, (), INT64, f"the label of item {index}")


def test_items_are_the_rows_of_the_file(learner: Port) -> None:
    """There is an item for each row of the file, with the ids and the label of that row."""
    rows = [(1, "abc"), (0, "cab"), (0, 'b "'), (1, "a,b"), (1, "bcd")]
    dataset = dataset_of(learner, rows, max_length=3)
    expect_equal(length_of(dataset), len(rows), "the length of the dataset")
    for index, (label, text) in enumerate(rows):
        expect_equal(row_of(dataset, index), ids_of(text), f"the ids of item {index}, {text}")
        expect_equal(label_of(dataset, index), label, f"the label of item {index}")


def test_short_messages_are_padded_on_the_right(learner: Port) -> None:
    """A message with fewer than `max_length` ids is filled up to this length, after its last id.

    That is so even if all messages are shorter: whoever gives a length gets it.
    """
    rows = [(0, "ab"), (1, "abcd"), (0, "c")]
    dataset = dataset_of(learner, rows, max_length=6)
    for index, (_, text) in enumerate(rows):
        got = row_of(dataset, index)
        expect_equal(len(got), 6, f"the number of ids in item {index}, {text!r} with max_length=6")
        expect_equal(got[: len(text)], ids_of(text), f"the first ids of item {index}, {text!r}")


def test_the_padding_is_pad_token_id(learner: Port) -> None:
    """Messages are filled up with `pad_token_id` and nothing else; by default, that is 50256."""
    rows = [(0, "abcd"), (1, "b")]
    for pad, options in ((0, {"pad_token_id": 0}), (50256, {}), (77, {"pad_token_id": 77})):
        dataset = dataset_of(learner, rows, max_length=6, **options)
        for index, (_, text) in enumerate(rows):
            expected = ids_of(text) + [pad] * (6 - len(text))
            given = f"pad_token_id={pad}" if options else "the default"
            expect_equal(row_of(dataset, index), expected, f"item {index}, {text!r} with max_length=6 and {given}")


def test_long_messages_are_cut(learner: Port) -> None:
    """A message with more than `max_length` ids keeps its first `max_length` ids."""
    rows = [(0, "abcdefg"), (1, "abcde"), (0, "dabc"), (1, "ab")]
    dataset = dataset_of(learner, rows, max_length=4, pad_token_id=0)
    for index, (_, text) in enumerate(rows):
        expected = (ids_of(text) + [0] * 4)[:4]
        expect_equal(row_of(dataset, index), expected, f"item {index}, {text!r} with max_length=4")


def test_without_max_length_the_longest_message_counts(learner: Port) -> None:
    """If `max_length` isn't given, it's the number of ids in the longest message, wherever that is in the file.

    Count ids, not letters: most tokens are longer than a letter.
    """
    for texts in (("ab", "abcde", "c"), ("abcd", "b"), ("a", "bc", "abcdef")):
        dataset = dataset_of(learner, [(0, text) for text in texts], pad_token_id=0)
        longest = max(map(len, texts))
        for index, text in enumerate(texts):
            expected = ids_of(text) + [0] * (longest - len(text))
            expect_equal(row_of(dataset, index), expected, f"item {index}, {text!r}, in a file with {list(texts)}")
    path = path_of(learner, [(0, text) for text in TALE])
    dataset = learner.build("SpamDataset", csv_file=path, tokenizer=learner.probe("encoding", name="gpt2"))
    expected_length = max(len(ENCODINGS["gpt2"].encode(text)) for text in TALE)
    expect_equal(len(row_of(dataset, 1)), expected_length, "the number of ids in an item, with GPT-2's encoding")


def test_the_length_can_be_read(learner: Port) -> None:
    """The dataset has an attribute `max_length`, the number of ids in each item, whether it was given or not.

    The validation and test data are cut to the length of the training data, which is read there.
    """
    rows = [(0, "abcde"), (1, "ab")]
    for options, expected in (({}, 5), ({"max_length": 3}, 3), ({"max_length": 9}, 9)):
        dataset = dataset_of(learner, rows, **options)
        got = expect_number(dataset.attribute("max_length"), "`max_length`")
        given = f"max_length={options['max_length']}" if options else "no max_length"
        expect(got == expected, got=f"{got:g}", expected=str(expected), where=f"the longest has 5 ids, {given} given")
