"""Hidden checks of `instruction_data`: drawn entries and batches, compared with the reference."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, seeds, sizes
from tests.visible.instructions import (
    COLLATE,
    DRAFT_1,
    DRAFT_2,
    PAD,
    Entry,
    batch_of,
    dataset_of,
    entry_of,
    expect_tensors_on_another_device,
    inputs_of,
    item_of,
    length_of,
    parts_of,
)

WORDS = st.sampled_from(("Name", "two", "café", "###", "Input:", "a", "1.", "{x}"))
LENGTHS = st.lists(sizes(1, 6), min_size=1, max_size=4)
PADS = st.sampled_from((PAD, 0, 100, 200))
IGNORED = st.sampled_from((-100, -1, 300))
MOST = st.one_of(st.none(), sizes(1, 8))


def texts(fewest: int) -> st.SearchStrategy[str]:
    """Draw a text of a few words; it begins and ends with one."""
    return st.lists(WORDS, min_size=fewest, max_size=3).map(" ".join)


ENTRIES = st.builds(entry_of, texts(1), texts(0), texts(1))


@given(entry=ENTRIES)
def test_prompts_equal_the_reference(learner: Port, reference: Port, entry: Entry) -> None:
    """The prompt has the wording that the stub gives, for every instruction, with and without an input."""
    expect_equal(learner.call("format_input", entry), reference.call("format_input", entry), "the prompt")


@given(data=st.lists(ENTRIES, min_size=1, max_size=3))
def test_items_equal_the_reference(learner: Port, reference: Port, data: list[Entry]) -> None:
    """A dataset has one item for each of its own entries: the whole text, encoded."""
    dataset, expected = (dataset_of(port, data) for port in (learner, reference))
    length_of(dataset_of(learner, [*data, *data]))
    expect_equal(length_of(dataset), len(data), "the length")
    for index in range(len(data)):
        expect_equal(item_of(dataset, index), item_of(expected, index), f"the text of item {index}")


@given(lengths=LENGTHS, pad=PADS, seed=seeds())
def test_inputs_equal_the_reference(learner: Port, reference: Port, lengths: list[int], pad: int, seed: int) -> None:
    """The first draft pads every batch on the right to the length of its longest item."""
    batch = batch_of(lengths, seed)
    got, expected = (inputs_of(port, batch, pad_token_id=pad) for port in (learner, reference))
    expect_equal(got, expected, "the inputs")


@given(lengths=LENGTHS, pad=PADS, seed=seeds())
def test_targets_equal_the_reference(learner: Port, reference: Port, lengths: list[int], pad: int, seed: int) -> None:
    """The second draft returns the inputs, and targets that are one token later, for every batch."""
    batch = batch_of(lengths, seed)
    got, expected = (parts_of(port, DRAFT_2, batch, pad_token_id=pad) for port in (learner, reference))
    for part, wanted, what in zip(got, expected, ("inputs", "targets"), strict=True):
        expect_equal(part, wanted, f"the {what}")


@given(lengths=LENGTHS, pad=PADS, ignored=IGNORED, most=MOST, seed=seeds())
def test_collated_batches_equal_the_reference(
    learner: Port, reference: Port, lengths: list[int], pad: int, ignored: int, most: int | None, seed: int
) -> None:
    """Inputs and targets are those that the rules give, for every batch and all settings."""
    batch = batch_of(lengths, seed)
    options: dict[str, Any] = {"pad_token_id": pad, "ignore_index": ignored, "allowed_max_length": most}
    got, expected = (parts_of(port, COLLATE, batch, **options) for port in (learner, reference))
    for part, wanted, what in zip(got, expected, ("inputs", "targets"), strict=True):
        expect_equal(part, wanted, f"the {what}")


@given(lengths=LENGTHS, most=MOST, seed=seeds())
def test_batches_of_every_kind_stay_as_they_were(
    learner: Port, lengths: list[int], most: int | None, seed: int
) -> None:
    """No function changes the lists in a batch, even if they are cut."""
    for name, options in ((DRAFT_1, {}), (DRAFT_2, {}), (COLLATE, {"allowed_max_length": most})):
        batch = learner.put(batch_of(lengths, seed))
        learner.keep(name, batch, pad_token_id=PAD, **options)
        expect_equal(batch.value(), batch_of(lengths, seed), f"the batch after a call of `{name}`")


@given(lengths=LENGTHS, seed=seeds())
def test_every_tensor_is_on_the_device(learner: Port, lengths: list[int], seed: int) -> None:
    """The inputs and targets of every batch are on the device that is given."""
    expect_tensors_on_another_device(learner, batch_of(lengths, seed))


@given(more=sizes(1, 9), seed=seeds())
def test_the_defaults_are_those_of_the_signature(learner: Port, reference: Port, more: int, seed: int) -> None:
    """Without settings, padding is 50256, what is ignored is -100, and even a long item stays whole."""
    batch = batch_of([2, 4], seed)
    expect_equal(inputs_of(learner, batch), inputs_of(reference, batch), f"the inputs from `{DRAFT_1}`")
    for name, lengths in ((DRAFT_2, [2, 4]), (COLLATE, [3, 1024 + more])):
        got, expected = (parts_of(port, name, batch_of(lengths, seed)) for port in (learner, reference))
        expect_equal(got, expected, f"inputs and targets from `{name}`")
