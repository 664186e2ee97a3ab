"""Visible checks of `classifier_head`: a small GPT becomes a classifier, and each check looks at one of its parts."""

import torch

from grader.checks import Port, expect, expect_equal
from tests.visible.heads import (
    HEAD,
    LAST_BLOCK,
    SIZES,
    converted,
    expect_frozen,
    expect_kept_values,
    expect_new_head,
    expect_trainable,
    expected_logits,
    names_in,
    part,
    trainable_names,
    values_before,
    with_head,
)

IDS = torch.tensor([[0, 3, 6, 1], [5, 5, 2, 4]])


def test_the_model_comes_back(learner: Port) -> None:
    """to_classifier returns the whole model with all of its parts, not only a new layer, and not None."""
    parameters = converted(learner).parameters()
    missing = [name for name in names_in("tok_emb", "pos_emb", "trf_blocks", "final_norm") if name not in parameters]
    expect(not missing, got=f"a module without {', '.join(missing)}", expected="the model with all of its parts")


def test_the_head_is_a_single_layer(learner: Port) -> None:
    """`out_head` is one `nn.Linear` that replaces the old head: there is no second layer before or after it."""
    parameters = converted(learner).parameters()
    names = [name for name in parameters if name.startswith("out_head")]
    others = [name for name in names if name not in HEAD]
    expect(
        "out_head.weight" in names and not others, got=", ".join(names) or "no out_head", expected=" and ".join(HEAD)
    )


def test_the_head_has_a_row_for_each_class(learner: Port) -> None:
    """The head's weight is `(num_classes, emb_dim)`: it reads the hidden vector, and gives one number for each class.

    What does the layer before the head give it, a vector of emb_dim numbers or one number for each token?
    """
    for num_classes in (3, 2, 5):
        weight = part(converted(learner, num_classes).parameters(), "out_head.weight").value
        got, expected = tuple(weight.shape), (num_classes, SIZES["emb_dim"])
        expect(got == expected, got=f"out_head.weight of shape {got}", expected=f"shape {expected}")


def test_the_head_has_a_bias(learner: Port) -> None:
    """The new head has a bias with one number for each class, even though the old one has none."""
    parameters = converted(learner).parameters()
    expect("out_head.bias" in parameters, got="no out_head.bias", expected="out_head.bias of shape (3,)")
    got = tuple(parameters["out_head.bias"].value.shape)
    expect(got == (3,), got=f"out_head.bias of shape {got}", expected="shape (3,)")


def test_the_head_is_new(learner: Port) -> None:
    """The head starts with values of its own, even if there are as many classes as tokens.

    The rows of the old head score tokens. They say nothing about classes.
    """
    for num_classes in (2, SIZES["vocab_size"]):
        expect_new_head(learner, num_classes)


def test_the_head_is_trainable(learner: Port) -> None:
    """The new head can be trained.

    In which order do you freeze the model and replace its head?
    """
    expect_trainable(converted(learner).parameters(), HEAD)


def test_the_final_norm_is_trainable(learner: Port) -> None:
    """`final_norm` can be trained: both its scale and its shift."""
    expect_trainable(converted(learner).parameters(), names_in("final_norm."))


def test_the_last_block_is_trainable(learner: Port) -> None:
    """The last of the blocks can be trained, with everything in it, however many blocks there are.

    The first block is next to the embeddings, the last one is next to the head.
    """
    expect_trainable(converted(learner).parameters(), names_in(LAST_BLOCK))
    expect_trainable(converted(learner, n_layers=1).parameters(), names_in("trf_blocks.0.", n_layers=1))


def test_the_other_blocks_are_frozen(learner: Port) -> None:
    """All blocks but the last are frozen, weights and biases alike."""
    expect_frozen(converted(learner).parameters(), names_in("trf_blocks.0.", "trf_blocks.1."))


def test_the_embeddings_are_frozen(learner: Port) -> None:
    """Both embeddings are frozen: `tok_emb` and `pos_emb`."""
    expect_frozen(converted(learner).parameters(), names_in("tok_emb", "pos_emb"))


def test_what_came_frozen_is_opened(learner: Port) -> None:
    """If all of the model comes frozen, its last block and `final_norm` can be trained afterward, and the rest can't.

    Do you set `requires_grad` of what should be trained, or do you count on its being True?
    """
    parameters = converted(learner, frozen=[""]).parameters()
    expect_trainable(parameters, trainable_names())
    expect_frozen(parameters, names_in("tok_emb", "pos_emb", "trf_blocks.0.", "trf_blocks.1."))


def test_all_other_values_stay(learner: Port) -> None:
    """Every parameter outside the head keeps its value and its dtype: that's what the model has learned."""
    for double in (False, True):
        before = {name: value.double() if double else value for name, value in values_before().items()}
        expect_kept_values(converted(learner, double=double).parameters(), before)


def test_every_token_gets_a_logit_for_each_class(learner: Port) -> None:
    """The classifier returns `(batch, tokens, num_classes)`: the head's output for every token, as it comes.

    Which token's logits count is up to the code that calls the model, and the loss takes care of the softmax.
    """
    classifier = converted(learner)
    head = with_head(classifier, 3, SIZES["emb_dim"])
    expect_equal(classifier(IDS), expected_logits(IDS, head), "the logits", dims=("batch", "token", "class"))
