"""Visible checks of `data_loader`: windows of texts whose ids count up from 0, and passes through small loaders."""

from hypothesis import given

from grader.checks import Golden, Port, expect, expect_equal, expect_parts, expect_same, expect_tensor, sizes
from tests.visible.windows import (
    END_OF_TEXT,
    INT64,
    PARTS,
    all_pairs,
    batches_of,
    dataset_of,
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

TALE = "in the inn then, the hen ate a tin of heather tea and sat there in the heat"
"""A text in which many tokens are longer than a letter."""
MIXED = {"max_length": 4, "stride": 2, "batch_size": 4, "drop_last": False}
"""Windows of the first 86 signs: 41 of them."""


def test_datasets_do_not_share_anything(learner: Port) -> None:
    """Two datasets are independent: making a second one leaves the length and the items of the first as they were."""
    first = dataset_of(learner, letters(12), 3, 2)
    length, (inputs, targets) = length_of(first), item_of(first, 1)
    item_of(dataset_of(learner, letters(26)[::-1], 3, 2), 1)
    expect_same(length_of(first), length, "the length of the first dataset, once there is a second")
    for part, before in zip(item_of(first, 1), (inputs, targets), strict=True):
        expect_same(part, before, "a part of item 1 of the first dataset, once there is a second")


def test_an_input_is_a_piece_of_the_text(learner: Port) -> None:
    """The first input consists of the first `max_length` ids of the text."""
    for max_length in (4, 1, 6):
        inputs, _ = item_of(dataset_of(learner, letters(10), max_length, 2), 0)
        expect_equal(inputs.tolist(), list(range(max_length)), "the first input")


def test_targets_are_the_next_tokens(learner: Port) -> None:
    """The target at each position is the token that follows the input's token at that position."""
    for index in (0, 1):
        inputs, targets = item_of(dataset_of(learner, letters(20), 4, 3), index)
        expect_equal(targets.tolist(), [number + 1 for number in inputs.tolist()], f"the targets of item {index}")


def test_ids_are_int64_tensors(learner: Port) -> None:
    """Inputs and targets are int64 tensors, (max_length,) in a dataset and (batch_size, max_length) in a batch.

    Embeddings and losses take ids of this dtype, and `torch.tensor` makes it of Python's ints by itself.
    """
    loader = loader_of(learner, signs(9), batch_size=2, max_length=3, stride=2, shuffle=False)
    items = learner.probe("items", of=loader, most=1).value()
    batch = expect_parts(items, ("batch",), "the pass")[0]
    for parts, shape, what in (
        (item_of(dataset_of(learner, letters(9), 3, 2), 0), (3,), "item 0"),
        (batch, (2, 3), "the batch"),
    ):
        for part, name in zip(expect_parts(parts, PARTS, what), PARTS, strict=True):
            expect_tensor(part, shape, INT64, f"the {name} of {what}")


def test_windows_start_a_stride_apart(learner: Port) -> None:
    """Each window starts `stride` tokens after the one before, whether windows overlap, touch, or leave gaps."""
    for stride in (1, 2, 3, 5):
        dataset = dataset_of(learner, letters(16), 3, stride)
        starts = [item_of(dataset, index)[0].tolist()[:1] for index in range(3)]
        expect_equal(starts, [[0], [stride], [2 * stride]], f"where windows start with stride={stride}")


@given(tokens=sizes(4, 12), stride=sizes(1, 4))
def test_every_window_that_fits_is_there(learner: Port, tokens: int, stride: int) -> None:
    """A dataset has as many windows as fit; a window fits if `max_length` tokens and one more, the last target, do."""
    dataset = dataset_of(learner, letters(tokens), 3, stride)
    expected = len(pairs_of(range(tokens), 3, stride))
    where = f"{tokens} tokens, max_length=3, stride={stride}"
    got = length_of(dataset)
    expect(got == expected, got=f"{got} windows", expected=str(expected), where=where)
    for part in item_of(dataset, expected - 1):
        expect_equal(len(part), 3, f"the length of the last window of {where}")


def test_windows_are_made_of_the_tokenizers_ids(learner: Port) -> None:
    """Windows consist of the ids that the given tokenizer makes, however many letters a token has."""
    tokenizer = learner.probe("encoding", name="gpt2")
    dataset = learner.build("GPTDatasetV1", txt=TALE, tokenizer=tokenizer, max_length=5, stride=4)
    expect_equal(all_pairs(dataset, 5), pairs_of(ids_of(TALE), 5, 4), "the items")
    own = learner.build(
        "GPTDatasetV1", txt=TALE, tokenizer=learner.probe("Tokenizer", vocab_size=97), max_length=5, stride=40
    )
    expect_equal(all_pairs(own, 5), pairs_of([ord(c) % 97 for c in TALE], 5, 40), "the items with another tokenizer")


def test_end_of_text_is_one_token(learner: Port) -> None:
    """`<|endoftext|>` in the text becomes its one token, not the tokens of its letters and signs.

    Don't tell tiktoken to refuse nothing: then it takes special tokens for ordinary text.
    """
    expect_end_of_text(learner, f"ab{END_OF_TEXT}cd", 3, 1)


def test_without_shuffle_batches_come_in_order(learner: Port) -> None:
    """With `shuffle=False`, batches `(inputs, targets)` contain `batch_size` pairs each, in the order of the text."""
    for batch_size, max_length, stride in ((2, 4, 4), (3, 2, 5), (1, 3, 1)):
        options = {"batch_size": batch_size, "max_length": max_length, "stride": stride}
        tokens = max_length + 1 + (2 * batch_size - 1) * stride
        loader = loader_of(learner, signs(tokens), shuffle=False, drop_last=False, **options)
        pairs = pairs_of(range(tokens), max_length, stride)
        got = batches_of(learner, loader, max_length)
        expect_equal(got, [pairs[:batch_size], pairs[batch_size:]], "the batches, each a list of (input, targets)")


def test_drop_last_leaves_out_a_smaller_batch(learner: Port) -> None:
    """With `drop_last=True` a last batch that isn't full is left out, with `drop_last=False` it comes, too."""
    for tokens in (13, 14, 15, 16):
        pairs = pairs_of(range(tokens), 2, 2)
        for drop_last in (True, False):
            loader = loader_of(
                learner, signs(tokens), batch_size=3, max_length=2, stride=2, shuffle=False, drop_last=drop_last
            )
            got = [len(batch) for batch in batches_of(learner, loader, 2)]
            full, rest = divmod(len(pairs), 3)
            expected = [3] * full + [rest] * (rest > 0 and not drop_last)
            expect_equal(got, expected, f"the sizes of batches of {len(pairs)} pairs with drop_last={drop_last}")


def test_shuffle_mixes_the_pairs(learner: Port) -> None:
    """With `shuffle=True`, any pairs can come together in a batch, not only those that are neighbors in the text."""
    shuffled, plain = (loader_of(learner, signs(86), shuffle=shuffle, **MIXED) for shuffle in (True, False))
    same = same_batches(learner, shuffled, plain)["in_any_order_with_mixed_rows"]
    expect(not same, got="in each batch, pairs that follow one another in the text", expected="pairs from anywhere")


def test_each_pass_has_its_own_order(learner: Port) -> None:
    """With `shuffle=True`, the pairs come in a new order each time you go through the loader."""
    loader = loader_of(learner, signs(86), shuffle=True, **MIXED)
    same = same_batches(learner, loader, loader)["in_order"]
    expect(not same, got="the same order in two passes", expected="a new order in each")


def test_every_pair_comes_once_in_a_pass(learner: Port) -> None:
    """A shuffled pass contains every pair of the dataset once, and each input still has its own targets."""
    shuffled, plain = (loader_of(learner, signs(86), shuffle=shuffle, **MIXED) for shuffle in (True, False))
    pass_of(learner, plain, MIXED["max_length"])  # which fails unless these are pairs
    same = [same_batches(learner, shuffled, other)["all_rows"] for other in (plain, shuffled)]
    got = f"other pairs than {'without shuffling' if not same[0] else 'in another pass'}"
    expect(all(same), got=got, expected="the same pairs, in another order")


def test_a_loader_has_a_length(learner: Port) -> None:
    """The length of a loader is the number of batches in a pass."""
    for drop_last, expected in ((True, 2), (False, 3)):
        loader = loader_of(learner, signs(16), batch_size=3, max_length=2, stride=2, drop_last=drop_last)
        got = length_of(loader, "the loader")
        expect(got == expected, got=str(got), expected=str(expected), where=f"7 pairs, 3 a batch, {drop_last=}")


def test_a_loader_can_be_gone_through_again(learner: Port) -> None:
    """You can go through a loader as often as you like: training does it once in each epoch."""
    loader = loader_of(learner, signs(13), batch_size=2, max_length=2, stride=2, shuffle=False)
    counts = [len(batches_of(learner, loader, 2)) for _ in range(3)]
    expect_equal(counts, [3, 3, 3], "the number of batches in three passes")


def test_the_loader_uses_gpt2s_encoding(learner: Port) -> None:
    """`create_dataloader_v1` encodes the text with GPT-2's encoding, which tiktoken gives you by its name."""
    loader = loader_of(learner, TALE, batch_size=2, max_length=6, stride=6, shuffle=False, drop_last=False)
    expect_equal(pass_of(learner, loader, 6), pairs_of(ids_of(TALE), 6, 6), "the pairs of a pass")


def test_the_settings_have_their_defaults(learner: Port) -> None:
    """By default, 4 windows of 256 tokens make a batch, 128 tokens apart, shuffled, without a smaller last batch."""
    text = long_text(256 + 1 + 128 * 4)
    batches = batches_of(learner, loader_of(learner, text, shuffle=False), 256)
    expect_equal(batches, [pairs_of(ids_of(text), 256, 128)[:4]], "the batches of a text with 5 such windows")
    options = {"batch_size": 2, "max_length": 1, "stride": 1}
    loader = loader_of(learner, signs(81), **options)
    plain = loader_of(learner, signs(81), shuffle=False, **options)
    same = same_batches(learner, loader, plain)["in_order"]
    expect(not same, got="by default, the windows in the order of the text", expected="shuffled windows")


def test_the_recorded_batches_come_out(learner: Port, golden: Golden) -> None:
    """Without shuffling, a text gives the batches that a correct loader gives."""
    loader = loader_of(learner, f"{TALE}. " * 2, batch_size=3, max_length=8, stride=5, shuffle=False, drop_last=False)
    golden.expect("batches", [[list(pair) for pair in batch] for batch in batches_of(learner, loader, 8)])
