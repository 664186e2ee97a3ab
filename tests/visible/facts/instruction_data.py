"""What can be measured about prompts, items and batches: each property by itself, whatever else is wrong."""

from __future__ import annotations

from grader.checks import Port, fact
from tests.visible.instructions import (
    COLLATE,
    DRAFT_1,
    DRAFT_2,
    PREAMBLE,
    Rows,
    dataset_of,
    entry_of,
    inputs_of,
    parts_of,
)

PAD, IGNORED = 90, -7
"""Neither is a default, and no item contains them."""
BATCH: Rows = [[1, 2], [3, 4, 5, 6], [7]]
ENTRIES = {"With": entry_of("Add.", "2 and 3", "5"), "Without": entry_of("Sing.", "", "La.")}


@fact(
    why="A model answers best if it sees the same beginning as in training, so all prompts have the same.",
    hint="Compare the beginnings of two prompts, one with an input and one without, with the stub.",
)
def the_beginning(learner: Port) -> str | None:
    """Compare what comes before the heading of the instruction with the sentences that the stub gives."""
    for word, entry in ENTRIES.items():
        before, heading, _ = str(learner.call("format_input", entry)).partition("### Instruction:")
        if heading and before.split() != PREAMBLE.split():
            return f"{word} an input, your prompt begins with {before.strip()!r}, expected {PREAMBLE!r}."
    return None


@fact(
    why="A collate function gets a list of items, and takes each of them for a list of ids.",
    hint="What does `__getitem__` return, and what is its `len`?",
)
def the_items(learner: Port) -> str | None:
    """Look at what an item of the dataset is."""
    item = dataset_of(learner, list(ENTRIES.values())).call("__getitem__", 0)
    if isinstance(item, tuple | dict):
        return f"An item of your dataset is a {type(item).__name__} of {len(item)}, expected a list of ids."
    return None


@fact(
    why="Row i of a batch is item i: whoever reads the batch goes by that order.",
    hint="Does anything in your function sort the items?",
)
def the_order(learner: Port) -> str | None:
    """Find out to which item each row belongs, by its ids."""
    rows = inputs_of(learner, BATCH, pad_token_id=PAD)
    for number, row in enumerate(rows):
        owner = next((other for other, item in enumerate(BATCH) if set(row) & set(item)), number)
        if owner != number:
            return f"In the batch {BATCH}, row {number} of your inputs holds item {owner}."
    return None


@fact(
    why="Positions count from the left, so an item that is padded on the left has others than in a batch of its own.",
    hint="On which side of the item's ids do you put the pad tokens?",
)
def the_side(learner: Port) -> str | None:
    """Look for pad tokens before the first id of an item."""
    for name in (DRAFT_1, DRAFT_2, COLLATE):
        rows = inputs_of(learner, BATCH, pad_token_id=PAD) if name == DRAFT_1 else _parts(learner, name)[0]
        for item, row in zip(BATCH, rows, strict=True):
            if item[0] in row and row.index(item[0]) > 0 and set(row[: row.index(item[0])]) == {PAD}:
                return f"`{name}` pads on the left: {item} becomes {row}."
    return None


@fact(
    why="Inputs have a column for each id of the longest item. Its end token is only a target.",
    hint="Give each item its end token, pad to the longest, and count: which column do the inputs drop?",
)
def the_columns(learner: Port) -> str | None:
    """Compare the longest item's row in the inputs with the item."""
    longest = max(BATCH, key=len)
    for name in (DRAFT_1, DRAFT_2, COLLATE):
        rows = inputs_of(learner, BATCH, pad_token_id=PAD) if name == DRAFT_1 else _parts(learner, name)[0]
        row = rows[BATCH.index(longest)]
        if row == longest[:-1]:
            return f"`{name}` leaves out the last id of the longest item: {longest} becomes {row}."
        if row[: len(longest)] == longest and len(row) > len(longest):
            more = len(row) - len(longest)
            columns = "a column" if more == 1 else f"{more} columns"
            return f"The inputs of `{name}` have {columns} too many: the longest item, {longest}, becomes {row}."
    return None


@fact(
    why="Another tokenizer has another end token, so whoever calls the function says which.",
    hint="Where does the number of the pad token stand in your code?",
)
def the_filling(learner: Port) -> str | None:
    """See which ids fill up shorter items, if the pad token isn't the default."""
    for name in (DRAFT_1, DRAFT_2, COLLATE):
        rows = inputs_of(learner, BATCH, pad_token_id=PAD) if name == DRAFT_1 else _parts(learner, name)[0]
        filling = {number for item, row in zip(BATCH, rows, strict=True) for number in row if number not in item}
        others = sorted(filling - {PAD, IGNORED})
        if others:
            return f"With pad_token_id={PAD}, `{name}` fills up inputs with {others[0]}."
    return None


@fact(
    why="The target at an item's last id is the end token, which tells the model when to stop.",
    hint="What comes after the last id of an item, if it is the longest of its batch?",
)
def the_end(learner: Port) -> str | None:
    """Look at each item's target at its last id."""
    for name in (DRAFT_2, COLLATE):
        for item, row in zip(BATCH, _parts(learner, name)[1], strict=True):
            last = row[len(item) - 1]
            if last != PAD:
                whose = ", which is its first id" if last == item[0] and len(item) > 1 else ""
                return (
                    f"In `{name}`, the target at the last id of {item} is {last}{whose}; "
                    f"expected {PAD}, the end token (pad_token_id={PAD}, ignore_index={IGNORED})."
                )
    return None


@fact(
    why="The lists belong to the dataset. What you add to them is still there in the next epoch.",
    hint="Which of your lines changes a list in place: `+=`, `append`, `extend`, `insert`, `pop`?",
)
def the_lists(learner: Port) -> str | None:
    """See what each function leaves of the lists that it gets."""
    for name in (DRAFT_1, DRAFT_2, COLLATE):
        batch = learner.put(BATCH)
        learner.keep(name, batch, pad_token_id=PAD)
        after = batch.value()
        if isinstance(after, list) and len(after) != len(BATCH):
            return f"After a call of `{name}`, the batch has {len(after)} lists instead of {len(BATCH)}."
        for item, left in zip(BATCH, after, strict=True):
            if left != item:
                return f"After a call of `{name}`, the list {item} in the batch has become {left}."
    return None


def _parts(learner: Port, name: str) -> tuple[Rows, Rows]:
    """Return the inputs and targets of the batch."""
    options = {"ignore_index": IGNORED} if name == COLLATE else {}
    return parts_of(learner, name, BATCH, pad_token_id=PAD, **options)
