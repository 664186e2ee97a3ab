"""Which tokens the learner's windows cover, and the order of the learner's batches."""

from __future__ import annotations

from grader.checks import Port
from grader.pictures import HeatMap, Picture, Tokens, table
from tests.visible.windows import Pair, all_pairs, batches_of, dataset_of, letters, loader_of, pairs_of, signs

TOKENS, MAX_LENGTH, STRIDE = 10, 3, 2
LOADER_TOKENS, BATCH_SIZE = 17, 2
ABOUT_WINDOWS = (
    f"A text of {TOKENS} tokens, the ids 0 to {TOKENS - 1}, with max_length={MAX_LENGTH} and stride={STRIDE}. Each row "
    "is a window: 100 for an input token, 50 for a token that is only a target."
)
ABOUT_PASSES = "Each pair of brackets is a batch; its numbers say with which token each of its windows starts."


def pictures(learner: Port) -> list[Picture]:
    """Draw a few windows, and two passes through a shuffled loader."""
    return [_windows(learner), _passes(learner)]


def _windows(learner: Port) -> Picture:
    got = all_pairs(dataset_of(learner, letters(TOKENS), MAX_LENGTH, STRIDE), MAX_LENGTH)
    expected = pairs_of(range(TOKENS), MAX_LENGTH, STRIDE)
    panels = (_heat_map("yours", got, expected), _heat_map("expected", expected, expected[: len(got)]))
    return Picture("Windows", panels, _about_windows(got, expected), ABOUT_WINDOWS)


def _heat_map(title: str, pairs: list[Pair], expected: list[Pair]) -> HeatMap:
    rows = [_covered(pair) for pair in pairs]
    due = [_covered(pair) for pair in expected]
    marked = frozenset(
        (row, column)
        for row, shares in enumerate(rows)
        for column in range(TOKENS)
        if row >= len(due) or shares[column] != due[row][column]
    )
    labels = tuple(f"window {number}" for number in range(len(rows)))
    return HeatMap(title, table(rows), labels, tuple(map(str, range(TOKENS))), marked)


def _covered(pair: Pair) -> list[float]:
    inputs, targets = pair
    return [1.0 if number in inputs else 0.5 if number in targets else 0.0 for number in range(TOKENS)]


def _about_windows(got: list[Pair], expected: list[Pair]) -> tuple[str, ...]:
    if len(got) != len(expected):
        return (f"got {len(got)} windows, expected {len(expected)}.",)
    for number, (pair, due) in enumerate(zip(got, expected, strict=True)):
        for part, name in enumerate(("input", "targets")):
            if pair[part] != due[part]:
                return (f"window {number}, {name}: got {pair[part]}, expected {due[part]}.",)
    return ()


def _passes(learner: Port) -> Picture:
    options = {"batch_size": BATCH_SIZE, "max_length": 1, "stride": 1, "drop_last": False}
    loaders = [loader_of(learner, signs(LOADER_TOKENS), shuffle=shuffle, **options) for shuffle in (False, True)]
    plain, first, second = (batches_of(learner, loader, 1) for loader in (loaders[0], loaders[1], loaders[1]))
    in_order = pairs_of(range(LOADER_TOKENS), 1, 1)
    wrong = []
    if [pair for batch in plain for pair in batch] != in_order:
        wrong.append("without shuffling, the pairs don't come in the order of the text.")
    if first == plain:
        wrong.append("with shuffle=True, the pairs come in the order of the text.")
    elif first == second:
        wrong.append("with shuffle=True, two passes have the same order.")
    elif sorted(map(sorted, first)) == sorted(map(sorted, plain)):
        wrong.append("with shuffle=True, neighbors of the text always share a batch.")
    if sorted(pair for batch in first for pair in batch) != in_order:
        wrong.append("a shuffled pass doesn't contain every pair once.")
    panels = (_batches("without shuffling", plain), _batches("a pass", first), _batches("the next pass", second))
    return Picture("Batches", panels, tuple(wrong), ABOUT_PASSES)


def _batches(title: str, batches: list[list[Pair]]) -> Tokens:
    return Tokens(title, tuple(" ".join(str(inputs[0]) for inputs, _ in batch) for batch in batches))
