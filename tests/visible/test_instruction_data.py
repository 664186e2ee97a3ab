"""Visible checks of `instruction_data`: the text of an entry, and small batches that you can follow with a pencil."""

from grader.checks import Port, expect, expect_equal, expect_same, what_came
from tests.visible.instructions import (
    COLLATE,
    DRAFT_1,
    DRAFT_2,
    IGNORED,
    PAD,
    Rows,
    dataset_of,
    entry_of,
    expect_tensors_on_another_device,
    inputs_of,
    item_of,
    length_of,
    padded,
    parts_of,
    prompt_of,
    rows_in,
    text_of,
)

BIRD = entry_of("Name a bird that can't fly.", "Choose from: hen, kiwi, owl.", "The kiwi.")
SUM = entry_of("Add two and three.", "", "Five.")
SONG = entry_of("Who wrote 'Yesterday'?", "", "Paul McCartney did.")
MIXED = [[1, 2, 3, 4, 5], [6], [7, 8, 9]]
EVEN = [[1, 2, 3], [6, 5, 4]]
BATCHES: tuple[Rows, ...] = (EVEN, [[7, 8]], [[4]], MIXED, [[9, 8], [1, 2, 3, 4]], [[3], [5, 6], [1, 2, 4]])


def test_an_empty_input_has_no_part(learner: Port) -> None:
    """If the input is empty, the prompt doesn't mention it: it ends with the instruction."""
    prompt = learner.call("format_input", SUM)
    expect(isinstance(prompt, str), got=what_came(prompt), expected="the prompt, a str")
    ends = f"{str(prompt)[-40:]!r} at the end"
    expect(SUM["instruction"] in str(prompt), got=ends, expected=f"a prompt with {SUM['instruction']!r}")
    expect("Input" not in str(prompt), got=ends, expected="no part for the input")


def test_the_prompt_is_worded_as_given(learner: Port) -> None:
    """The prompt has the wording that the stub gives, with its line breaks: two between parts, one after a heading."""
    expect_equal(learner.call("format_input", SUM), prompt_of(SUM), "the prompt without an input")
    expect_equal(learner.call("format_input", BIRD), prompt_of(BIRD), "the prompt with an input")


def test_datasets_do_not_share_anything(learner: Port) -> None:
    """A dataset has an item for each of its own entries, and stays as it was if you make another dataset."""
    dataset = dataset_of(learner, [SUM, BIRD, SONG])
    expect_equal(length_of(dataset), 3, "the length of a dataset of 3 entries")
    before = [item_of(dataset, index) for index in range(3)]
    item_of(dataset_of(learner, [SONG, SUM]), 0)
    expect_equal(length_of(dataset), 3, "the length of the first dataset, once there is a second")
    for index, text in enumerate(before):
        expect_same(item_of(dataset, index), text, f"item {index} of the first dataset, once there is a second,")


def test_an_item_is_the_whole_text(learner: Port) -> None:
    """An item is what `encode` makes of the prompt, the heading of the response, and the output, and nothing else.

    The message shows each id as its character.
    """
    data = [SUM, BIRD, SONG]
    dataset = dataset_of(learner, data)
    for index in (0, 1, 2):
        expect_equal(item_of(dataset, index), text_of(data[index]), f"the text of item {index}")


def test_draft_1_makes_one_tensor(learner: Port) -> None:
    """`custom_collate_draft_1` returns one tensor of whole numbers, with a row for each item."""
    rows_in(learner.call(DRAFT_1, EVEN, pad_token_id=PAD), 2, "the result")


def test_the_longest_item_comes_out_whole(learner: Port) -> None:
    """The row of the longest item is this item: its end token, at the end, is cut off again.

    For the inputs, you drop the last token of each row. Give the longest item an end token first, or you drop a token
    of the item.
    """
    for batch in BATCHES:
        longest = max(map(len, batch))
        for item, row in zip(batch, inputs_of(learner, batch, pad_token_id=PAD), strict=True):
            if len(item) == longest:
                expect_equal(row, item, f"the row of the longest item in {batch}")


def test_shorter_items_are_padded_on_the_right(learner: Port) -> None:
    """A shorter item comes first in its row, and `pad_token_id` fills it up to the length of the longest."""
    for pad in (PAD, 0, 77):
        for batch in (MIXED, EVEN):
            expected, _ = padded(batch, pad)
            expect_equal(inputs_of(learner, batch, pad_token_id=pad), expected, f"the rows with pad_token_id={pad}")


def test_targets_are_the_next_tokens(learner: Port) -> None:
    """`custom_collate_draft_2` returns the inputs, and as targets for each token of an item the token after it."""
    inputs, targets = parts_of(learner, DRAFT_2, MIXED, pad_token_id=PAD)
    for number, item in enumerate(MIXED):
        expect_equal(inputs[number][: len(item)], item, f"the first inputs of item {number}")
        next_tokens = targets[number][: len(item) - 1]
        expect_equal(next_tokens, item[1:], f"the first targets of item {number}")


def test_the_last_target_is_the_end_token(learner: Port) -> None:
    """The target at an item's last token is the end token, `pad_token_id`: a model has to learn when to stop.

    That's true of the longest item as well.
    """
    for batch in BATCHES:
        _, targets = parts_of(learner, DRAFT_2, batch, pad_token_id=PAD)
        for number, item in enumerate(batch):
            row = targets[number][: len(item)]
            expect_equal(row, [*item[1:], PAD], f"the first {len(item)} targets of item {number} in {batch}")


def test_draft_2_ignores_nothing(learner: Port) -> None:
    """In `custom_collate_draft_2`, padding stays in the targets: only `custom_collate_fn` ignores it."""
    for pad in (PAD, 0):
        _, expected = padded(MIXED, pad)
        expect_equal(parts_of(learner, DRAFT_2, MIXED, pad_token_id=pad)[1], expected, "the targets")


def test_the_end_token_stays_a_target(learner: Port) -> None:
    """In `custom_collate_fn`, the first pad token of each item, its end token, stays in the targets.

    Some items have no other pad token: the longest of a batch, or a single one.
    """
    for batch in BATCHES:
        _, targets = parts_of(learner, COLLATE, batch, pad_token_id=PAD, ignore_index=IGNORED)
        for number, item in enumerate(batch):
            row = targets[number][: len(item)]
            expect_equal(row, [*item[1:], PAD], f"the first {len(item)} targets of item {number} in {batch}")


def test_the_inputs_keep_their_padding(learner: Port) -> None:
    """In `custom_collate_fn`, the inputs are those of the drafts: there is no embedding for `ignore_index`.

    If inputs and targets are views of one tensor, writing into one changes the other.
    """
    for batch in (MIXED, EVEN):
        expected, _ = padded(batch)
        got, _ = parts_of(learner, COLLATE, batch, pad_token_id=PAD, ignore_index=IGNORED)
        expect_equal(got, expected, "the inputs")


def test_padding_after_the_end_token_is_ignored(learner: Port) -> None:
    """In `custom_collate_fn`, every target after an item's end token is `ignore_index`, whatever the pad token is."""
    for pad, ignored in ((PAD, IGNORED), (PAD, -1), (0, IGNORED)):
        _, expected = padded(MIXED, pad, ignored)
        _, got = parts_of(learner, COLLATE, MIXED, pad_token_id=pad, ignore_index=ignored)
        expect_equal(got, expected, f"the targets with pad_token_id={pad}, ignore_index={ignored}")


def test_both_parts_are_cut_to_the_allowed_length(learner: Port) -> None:
    """If `allowed_max_length` is given, inputs and targets are the first so many of what they were without it.

    So the target at a cut's last token is the token that comes next in the item, and no end token.
    """
    for most in (3, 2, 4, 1):
        expected = padded(MIXED, PAD, IGNORED, most)
        got = parts_of(learner, COLLATE, MIXED, pad_token_id=PAD, ignore_index=IGNORED, allowed_max_length=most)
        for part, wanted, what in zip(got, expected, ("inputs", "targets"), strict=True):
            expect_equal(part, wanted, f"the {what} with allowed_max_length={most}")


def test_a_shorter_batch_is_not_cut(learner: Port) -> None:
    """If no item is longer than `allowed_max_length`, nothing changes: it's a limit, not a length to fill up to."""
    expected = padded(MIXED, PAD, IGNORED)
    for most in (5, 6, 12, None):
        got = parts_of(learner, COLLATE, MIXED, pad_token_id=PAD, ignore_index=IGNORED, allowed_max_length=most)
        for part, wanted, what in zip(got, expected, ("inputs", "targets"), strict=True):
            expect_equal(part, wanted, f"the {what} with allowed_max_length={most}")


def test_the_batch_stays_as_it_was(learner: Port) -> None:
    """The lists in the batch stay as they were. They belong to the dataset, which hands them out in every epoch.

    `item += [...]` changes the list itself.
    """
    for name in (DRAFT_1, DRAFT_2, COLLATE):
        batch = learner.put(MIXED)
        learner.keep(name, batch, pad_token_id=PAD)
        expect_equal(batch.value(), MIXED, f"the batch after a call of `{name}`")


def test_the_tensors_are_on_the_device(learner: Port) -> None:
    """Everything that the three functions return is on the `device` that is given.

    Torch's device `meta`, whose tensors have no numbers, stands in for a GPU here.
    """
    expect_tensors_on_another_device(learner, MIXED)


def test_the_settings_have_their_defaults(learner: Port) -> None:
    """By default, the pad token is 50256, what is ignored is -100, and no item is too long."""
    expect_equal(inputs_of(learner, MIXED), padded(MIXED)[0], f"the inputs from `{DRAFT_1}`")
    expect_equal(parts_of(learner, DRAFT_2, MIXED), padded(MIXED), f"inputs and targets from `{DRAFT_2}`")
    for batch in (MIXED, [[1, 2], list(range(1, 1100))]):
        got, expected = parts_of(learner, COLLATE, batch), padded(batch, PAD, IGNORED)
        expect_equal(got, expected, f"inputs and targets from `{COLLATE}`")
