"""A sentence cut by the learner's tokenizer, after no merges, a few, and more."""

from __future__ import annotations

from grader.checks import Port, expect
from grader.pictures import Picture, Tokens, shown_bytes
from tests.visible import vocabularies
from tests.visible.vocabularies import SEA, Pair

TEXT = "she sells sea shells, and the shells that she sells are from the sea shore; so she sells sea shore shells "
SENTENCE = "she smells the sea 🙂"
STAGES = (0, 8, 30)
EXAMPLE = "she sells sea shells"
ABOUT = (
    "Each pair of brackets is a token; ␣ is a space. A frequent piece of the text has become one token; any other "
    "piece falls back to bytes: an emoji is four."
)


def pictures(learner: Port) -> list[Picture]:
    """Draw the sentence at each stage of the learner's own training."""
    merges = vocabularies.first_merges(learner, TEXT, max(STAGES))
    panels: list[Tokens] = []
    wrong: list[str] = [*_about_training(learner)]
    for stage in STAGES:
        learned = merges[:stage]
        ids = _ids(learner, learned)
        vocab = vocabularies.vocab_of(learned)
        tokens = tuple(shown_bytes(vocab[i]) if i in vocab else f"?{i}" for i in ids)
        panels.append(Tokens(f"after {len(learned)} merges: {len(ids)} tokens", tokens))
        expected = vocabularies.tiktoken_ids(SENTENCE, learned)
        if ids != expected:
            position = next(
                (n for n, (token, other) in enumerate(zip(ids, expected, strict=False)) if token != other), -1
            )
            where = f"from token {position} on" if position >= 0 else "at the end"
            wrong.append(f"after {len(learned)} merges, tiktoken with your merges splits the text differently {where}.")
            panels.append(Tokens(f"expected: {len(expected)} tokens", tuple(shown_bytes(vocab[i]) for i in expected)))
    return [Picture("A sentence in tokens", tuple(panels), tuple(wrong), ABOUT)]


def _ids(learner: Port, merges: list[Pair]) -> list[int]:
    ids = vocabularies.tokenizer_of(learner, merges).call("encode", SENTENCE)
    right = isinstance(ids, list) and all(type(number) is int for number in ids)
    expect(right, got=type(ids).__name__, expected="a list of token ids")
    return [number for number in ids if isinstance(number, int)] if isinstance(ids, list) else []


def _about_training(learner: Port) -> tuple[str, ...]:
    """Compare the merges of the lesson's example."""
    got = vocabularies.first_merges(learner, EXAMPLE, len(SEA))
    for step, expected in enumerate(SEA):
        pair = got[step] if step < len(got) else None
        if pair != expected:
            merged = "nothing" if pair is None else " + ".join(map(shown_bytes, pair))
            wanted = " + ".join(map(shown_bytes, expected))
            return (f"merge {step} of {EXAMPLE!r}: got {merged}, expected {wanted}.",)
    return ()
