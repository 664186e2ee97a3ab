"""Hidden checks of `data_loader`: drawn texts, lengths and strides, compared with the reference."""

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, expect_tensor, sizes
from tests.visible.windows import (
    END_OF_TEXT,
    INT64,
    all_pairs,
    batches_of,
    dataset_of,
    expect_each_once,
    expect_end_of_text,
    ids_of,
    item_of,
    length_of,
    letters,
    loader_of,
    long_text,
    pairs_of,
    pass_of,
    same_batches,
    signs,
)

PIECES = ("the", " tin", " a", "in", "he", "x", "!", " ", "\n", "é", "🙂")


@given(tokens=sizes(8, 20), max_length=sizes(1, 7), stride=sizes(1, 9))
def test_the_items_equal_the_reference(
    learner: Port, reference: Port, tokens: int, max_length: int, stride: int
) -> None:
    """The items are the windows and targets that the rule gives, for every length and stride."""
    expected = all_pairs(dataset_of(reference, letters(tokens), max_length, stride), max_length)
    dataset = dataset_of(learner, letters(tokens), max_length, stride)
    expect_equal(length_of(dataset), len(expected), "the number of windows")
    expect_equal(all_pairs(dataset, max_length), expected, "the items")
    for part in item_of(dataset, 0):
        expect_tensor(part, (max_length,), INT64)
    dataset_of(learner, letters(26), max_length, stride)
    expect_equal(length_of(dataset), len(expected), "the number of windows once there is another dataset")


@given(pieces=st.lists(st.sampled_from(("a", "bc", "<", END_OF_TEXT)), min_size=4, max_size=10))
def test_end_of_text_is_one_token_anywhere(learner: Port, pieces: list[str]) -> None:
    """`<|endoftext|>` is one token wherever it is in the text."""
    expect_end_of_text(learner, "".join(pieces), 2, 1)


@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=12, max_size=40),
    max_length=sizes(1, 6),
    stride=sizes(1, 8),
    batch_size=sizes(1, 4),
    drop_last=st.booleans(),
)
def test_unshuffled_batches_equal_the_reference(
    learner: Port, reference: Port, pieces: list[str], max_length: int, stride: int, batch_size: int, drop_last: bool
) -> None:
    """Without shuffling, the batches are those that the rules give, for every text and every setting."""
    text = "".join(pieces)
    options = {"max_length": max_length, "stride": stride, "batch_size": batch_size, "drop_last": drop_last}
    loader = loader_of(learner, text, shuffle=False, **options)
    expected = batches_of(reference, loader_of(reference, text, shuffle=False, **options), max_length)
    expect_equal(batches_of(learner, loader, max_length), expected, "the batches")
    expect_equal(length_of(loader, "the loader"), len(expected), "the length of the loader")


@given(tokens=sizes(60, 90), max_length=sizes(1, 5), stride=sizes(1, 3), batch_size=sizes(2, 5))
def test_shuffled_passes_contain_every_pair(
    learner: Port, tokens: int, max_length: int, stride: int, batch_size: int
) -> None:
    """Shuffled passes contain every pair once, in an order that isn't that of the text nor that of another pass."""
    pairs = pairs_of(range(tokens), max_length, stride)
    loader = loader_of(
        learner, signs(tokens), batch_size=batch_size, max_length=max_length, stride=stride, drop_last=False
    )
    first, second = (pass_of(learner, loader, max_length) for _ in range(2))
    for got in (first, second):
        expect_each_once(got, pairs)
        expect(got != pairs, got="the order of the text", expected="a shuffled order")
    expect(first != second, got="the same order in two passes", expected="a new order in each")


@given(batch_size=sizes(2, 5))
def test_shuffled_batches_are_mixed(learner: Port, batch_size: int) -> None:
    """Shuffled batches contain pairs from anywhere in the text, not only neighbors."""
    options = {"batch_size": batch_size, "max_length": 2, "stride": 1, "drop_last": False}
    shuffled, plain = (loader_of(learner, signs(62), shuffle=shuffle, **options) for shuffle in (True, False))
    neighbors = same_batches(learner, shuffled, plain)["in_any_order_with_mixed_rows"]
    expect(not neighbors, got="only neighbors of the text in each batch", expected="pairs from anywhere")


@given(windows=sizes(4, 9))
def test_the_defaults_are_those_of_the_signature(learner: Port, windows: int) -> None:
    """If you ask for nothing else, batches consist of 4 windows of 256 tokens, 128 apart, and all are full."""
    text = long_text(257 + 128 * (windows - 1))
    pairs = pairs_of(ids_of(text), 256, 128)
    expected = [pairs[start : start + 4] for start in range(0, windows - 3, 4)]
    expect_equal(batches_of(learner, loader_of(learner, text, shuffle=False), 256), expected, "the batches")


@given(tokens=sizes(60, 90))
def test_batches_are_shuffled_by_default(learner: Port, tokens: int) -> None:
    """If you don't say whether to shuffle, the pairs are shuffled."""
    options = {"batch_size": 2, "max_length": 1, "stride": 1, "drop_last": False}
    default = loader_of(learner, signs(tokens), **options)
    same = same_batches(learner, default, loader_of(learner, signs(tokens), shuffle=False, **options))["in_order"]
    expect(not same, got="the order of the text", expected="a shuffled order")
