"""Hidden checks of `classifier_head`: models of many sizes, of which anything may be frozen before."""

from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import Port, expect, expect_equal, seeds, sizes
from tests.visible.heads import (
    converted,
    expect_frozen,
    expect_kept_values,
    expect_new_head,
    expect_trainable,
    part,
    trainable_names,
    values_before,
    with_head,
)

PARTS = ("tok_emb", "pos_emb", "trf_blocks.0", "trf_blocks", "final_norm", "final_norm.shift", "out_head", "")


@st.composite
def models(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the sizes of a model, and what is frozen in it."""
    return {
        "n_layers": draw(sizes(1, 4)),
        "emb_dim": draw(sizes(1, 5)),
        "vocab_size": draw(sizes(1, 7)),
        "context_length": draw(sizes(1, 4)),
        "frozen": draw(st.lists(st.sampled_from(PARTS), unique=True, max_size=2)),
        "seed": draw(seeds()),
    }


@given(options=models(), num_classes=sizes(1, 6))
def test_the_head_fits_models_of_every_size(learner: Port, options: dict[str, Any], num_classes: int) -> None:
    """For every model and number of classes, the head has a weight `(num_classes, emb_dim)` and a bias."""
    parameters = converted(learner, num_classes, **options).parameters()
    for name, shape in (("out_head.weight", (num_classes, options["emb_dim"])), ("out_head.bias", (num_classes,))):
        got = tuple(part(parameters, name).value.shape)
        expect(got == shape, got=f"{name} of shape {got}", expected=f"shape {shape}")


@given(options=models(), num_classes=sizes(1, 6))
def test_the_head_of_every_model_is_new(learner: Port, options: dict[str, Any], num_classes: int) -> None:
    """Whatever the sizes are, the head's values aren't those of the old head."""
    expect_new_head(learner, num_classes, **options)


@given(options=models())
def test_exactly_these_parameters_are_trainable(learner: Port, options: dict[str, Any]) -> None:
    """Trainable are head, `final_norm` and last block, and nothing else, whatever was frozen before."""
    parameters = converted(learner, **options).parameters()
    expected = trainable_names(**options)
    expect_trainable(parameters, expected)
    expect_frozen(parameters, [name for name in parameters if name not in expected])


@given(options=models(), num_classes=sizes(1, 6), double=st.booleans())
def test_the_values_of_every_model_stay(learner: Port, options: dict[str, Any], num_classes: int, double: bool) -> None:
    """In models of every size, in float32 and float64, all values outside the head stay."""
    before = {name: value.double() if double else value for name, value in values_before(**options).items()}
    expect_kept_values(converted(learner, num_classes, double=double, **options).parameters(), before)


@settings(max_examples=30)
@given(options=models(), num_classes=sizes(1, 6), texts=sizes(1, 3))
def test_logits_and_gradients_equal_the_reference(
    learner: Port, reference: Port, options: dict[str, Any], num_classes: int, texts: int
) -> None:
    """With the same values in the head, a classifier's logits are the right ones, and so is each gradient."""
    generator = torch.Generator().manual_seed(options["seed"])
    shape = (texts, options["context_length"])
    ids = torch.randint(options["vocab_size"], shape, generator=generator)
    results = []
    for port in (learner, reference):
        classifier = converted(port, num_classes, **options)
        with_head(classifier, num_classes, options["emb_dim"], options["seed"])
        results.append(classifier.gradients(ids))
    got, expected = results
    expect_equal(got.output, expected.output, "the logits", dims=("batch", "token", "class"))
    for name, gradient in expected.parameters.items():
        come, come_expected = (
            "no gradient" if value is None else "a gradient" for value in (got.parameters.get(name), gradient)
        )
        expect(come == come_expected, got=f"{come} for {name}", expected=come_expected)
        expect_equal(got.parameters.get(name), gradient, f"the gradient of {name}")
