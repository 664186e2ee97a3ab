"""Hidden checks of `spam_data`: drawn frames, fractions, and files."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, expect_number, sizes
from tests.visible.messages import (
    balanced,
    dataset_of,
    expect_untouched,
    frame_of,
    gaps,
    item_of,
    label_of,
    labeled,
    length_of,
    mixed,
    path_of,
    row_of,
    split,
)

TEXTS = st.text(alphabet="abcde", min_size=1, max_size=7)
FRACTIONS = ((0.7, 0.1), (0.5, 0.25), (0.4, 0.35), (0.3, 0.6))


@given(ham=sizes(6, 14), spam=sizes(5, 6), copies=sizes(1, 2), has_gaps=st.booleans())
def test_every_frame_is_balanced(learner: Port, ham: int, spam: int, copies: int, has_gaps: bool) -> None:
    """Balancing keeps all spam, takes as many different ham rows, changes none, and leaves the frame alone."""
    rows = mixed(ham, spam) * copies
    index = gaps(len(rows)) if has_gaps else range(len(rows))
    frame = frame_of(learner, rows, index)
    for label in ("spam", "ham"):
        got = balanced(learner, frame, label)
        expect(got["rows"] == spam * copies, got=f"{got['rows']} {label} rows", expected=str(spam * copies))
        for problem in ("changed", "repeated", *(["missing"] if label == "spam" else [])):
            expect(not got[problem], got=f"a {label} row that is {problem}", expected="rows of the frame, each once")
    got = balanced(learner, frame)
    expect(got["rows"] == 2 * spam * copies, got=f"{got['rows']} rows", expected=str(2 * spam * copies))
    expect_untouched(learner, frame, rows, index)


@given(rows=sizes(30, 45), fractions=st.sampled_from(FRACTIONS), has_gaps=st.booleans(), is_doubled=st.booleans())
def test_every_split_is_a_shuffled_partition(
    learner: Port, rows: int, fractions: tuple[float, float], has_gaps: bool, is_doubled: bool
) -> None:
    """A split deals all rows out, each to one part, with the right sizes, from anywhere in the frame."""
    listed = labeled(rows) * (2 if is_doubled else 1)
    index = gaps(len(listed)) if has_gaps else range(len(listed))
    frame = frame_of(learner, listed, index)
    parts, together = split(learner, frame, *fractions)
    counts = [int(len(listed) * fraction) for fraction in fractions]
    expect_equal([part["rows"] for part in parts], [*counts, len(listed) - sum(counts)], "the sizes of the parts")
    for problem in ("changed", "repeated", "missing"):
        expect(not together[problem], got=f"a row that is {problem}", expected="the rows of the frame, each once")
    expect(not parts[0]["neighbors"], got="a piece of the frame as training part", expected="rows from anywhere")
    expect_untouched(learner, frame, listed, index)


@given(
    rows=st.lists(st.tuples(st.integers(0, 1), TEXTS), min_size=2, max_size=5),
    max_length=st.one_of(st.none(), st.integers(1, 9)),
    pad=st.one_of(st.none(), st.integers(90, 99)),
)
def test_the_items_equal_the_reference(
    learner: Port, reference: Port, rows: list[tuple[int, str]], max_length: int | None, pad: int | None
) -> None:
    """The items and the length are those that the rules give, for every file, every length and every pad token."""
    options: dict[str, Any] = {} if max_length is None else {"max_length": max_length}
    options |= {} if pad is None else {"pad_token_id": pad}
    dataset, expected = (dataset_of(port, rows, **options) for port in (learner, reference))
    expect_equal(length_of(dataset), len(rows), "the length of the dataset")
    expect_number(dataset.attribute("max_length"), "`max_length`")
    for index in range(len(rows)):
        ids = item_of(dataset, index)[0]
        expect_equal(ids, item_of(expected, index)[0], f"the ids of item {index}", dims=("position",))
        expect_equal(label_of(dataset, index), label_of(expected, index), f"the label of item {index}")
    got = expect_number(dataset.attribute("max_length"), "`max_length`")
    length = expect_number(expected.attribute("max_length"))
    expect(got == length, got=f"max_length {got:g}", expected=f"{length:g}")


@given(texts=st.lists(st.text(alphabet="the in", min_size=6, max_size=12).map(str.strip), min_size=2, max_size=4))
def test_lengths_count_the_tokenizers_ids(learner: Port, reference: Port, texts: list[str]) -> None:
    """The longest message is the one with most ids, whatever the tokenizer; and datasets share nothing."""
    rows = [(number % 2, f"x{text}") for number, text in enumerate(texts)]
    first = _with_gpt2s_encoding(learner, rows)
    _with_gpt2s_encoding(learner, [(1 - label, f"{text} the inn") for label, text in rows])
    expected = _with_gpt2s_encoding(reference, rows)
    for index in range(len(rows)):
        expect_equal(row_of(first, index), row_of(expected, index), f"the ids of item {index}")
        expect_equal(label_of(first, index), label_of(expected, index), f"the label of item {index}")


def _with_gpt2s_encoding(port: Port, rows: list[tuple[int, str]]) -> Any:
    dataset = port.build("SpamDataset", csv_file=path_of(port, rows), tokenizer=port.probe("encoding", name="gpt2"))
    length_of(dataset)
    return dataset
