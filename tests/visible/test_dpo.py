"""Visible checks of `dpo`: texts and pairs of which you can work out the numbers by hand, and two small models."""

import math

import torch
from hypothesis import given

from grader.checks import (
    Port,
    expect,
    expect_any_tensor,
    expect_equal,
    expect_number,
    expect_parts,
    expect_same,
    sizes,
    values,
    what_came,
)
from tests.visible.preferences import (
    FLOAT64,
    LARGE,
    PARTS,
    SINGLE,
    batch_reply,
    expect_gradients,
    expect_logprobs,
    expect_reply,
    expected_batch,
    gradients_of_batch,
    have_graphs,
    ids_of,
    loader_reply,
    logprobs_of,
    loss_of,
    mask_of,
    numbers,
    pairs_of,
    sure_of,
    with_graph,
)

LN2 = math.log(2)


def test_each_text_has_one_log_probability(learner: Port) -> None:
    """`compute_logprobs` returns one number for each text of the batch, with a mask or without one.

    The mean goes over the tokens of a text. The batch stays.
    """
    logits, labels = values(3, 4, 5, seed=1), ids_of((0, 1, 2, 0), (1, 1, 0, 2), (2, 0, 1, 1))
    for masks in ((), (mask_of(".xx.", "..xx", ".x.."),)):
        got = expect_any_tensor(learner.call("compute_logprobs", logits, labels, *masks), "the log-probabilities")
        where = "of three texts, with a mask" if masks else "of three texts, without a mask"
        expect(tuple(got.shape) == (3,), got=f"shape {tuple(got.shape)}", expected="shape (3,)", where=where)


@given(texts=sizes(1, 3), tokens=sizes(2, 5), vocab=sizes(5, 7))
def test_knowing_nothing_has_the_logarithm_of_one_in_the_vocabulary(
    learner: Port, texts: int, tokens: int, vocab: int
) -> None:
    """If all logits are equal, the mean log-probability is -ln(vocab), however long the text is.

    It's a mean over the tokens that are predicted, and it's below 0: it isn't a loss.
    """
    logits, labels = torch.zeros(texts, tokens, vocab, dtype=FLOAT64), torch.zeros(texts, tokens, dtype=torch.int64)
    expected = torch.full((texts,), -math.log(vocab), dtype=FLOAT64)
    expect_logprobs(logprobs_of(learner, logits, labels), expected, "the log-probabilities")


def test_each_token_is_predicted_by_the_logits_before_it(learner: Port) -> None:
    """A token is predicted by the logits at the position before it: the labels are the ids, shifted by one.

    The logits in this check are sure of the token that follows, so the log-probability is almost 0.
    """
    labels = ids_of((0, 1, 2, 2, 1), (2, 1, 0, 1, 2))
    got = logprobs_of(learner, sure_of(labels), labels)
    expect_logprobs(got, torch.zeros(2, dtype=FLOAT64), "the log-probabilities")


def test_the_mask_shifts_with_the_labels(learner: Port) -> None:
    """A mask belongs to the labels and is shifted like them: nobody predicts the first token, selected or not.

    With `m` for the mask, `m[:, 1:]` goes with `labels[:, 1:]`.
    """
    logits, labels = values(2, 4, 3, seed=2), ids_of((0, 1, 2, 0), (1, 1, 0, 2))
    without = logprobs_of(learner, logits, labels, mask_of(".xx.", "..xx"))
    selected = logprobs_of(learner, logits, labels, mask_of("xxx.", "x.xx"))
    what = "the log-probabilities with the first token selected, compared with it left out,"
    expect_same(selected, without, what, dims=("text",), tolerance=SINGLE)


@given(vocab=sizes(2, 5))
def test_the_mean_divides_by_the_number_of_selected_tokens(learner: Port, vocab: int) -> None:
    """The mean is over the selected tokens of each text: with equal logits, it's -ln(vocab) however many they are.

    Padding must not make an answer look better.
    """
    logits, labels = torch.zeros(3, 5, vocab, dtype=FLOAT64), torch.zeros(3, 5, dtype=torch.int64)
    got = logprobs_of(learner, logits, labels, mask_of(".x...", "..xx.", ".xxxx"))
    expected = torch.full((3,), -math.log(vocab), dtype=FLOAT64)
    expect_logprobs(got, expected, "the log-probabilities with 1, 2 and 4 tokens selected")


def test_tokens_outside_of_the_mask_do_not_matter(learner: Port) -> None:
    """Only the selected tokens count: how likely prompt and padding are changes nothing."""
    labels, mask = ids_of((0, 1, 2, 0, 0), (1, 1, 0, 2, 0)), mask_of("..xx.", ".xxx.")
    logits = values(2, 5, 3, seed=3)
    others = logits.clone()
    others[0, 0] = others[:, 3] = others[:, 4] = torch.tensor([-4.0, 3.0, 1.0])
    first, second = (logprobs_of(learner, given_, labels, mask) for given_ in (logits, others))
    what = "the log-probabilities with other logits before prompt and padding"
    expect_same(second, first, what, dims=("text",), tolerance=SINGLE)


def test_hopeless_tokens_have_a_finite_log_probability(learner: Port) -> None:
    """If another token's logit is larger by 1,000, the log-probability is -1,000; with 10,000, it's -10,000.

    Such a probability rounds to 0. Is there a function that gives the logarithm of a softmax in one step?
    """
    labels = ids_of((0, 1))
    for distance in (1e3, 1e4):
        logits = torch.tensor([[[distance, 0.0, 0.0], [0.0, 0.0, 0.0]]], dtype=FLOAT64)
        got = logprobs_of(learner, logits, labels)
        expect_logprobs(got, numbers(-distance), f"the log-probability for a distance of {distance:g}", LARGE)


def test_the_loss_of_equal_log_probabilities_is_ln_2(learner: Port) -> None:
    """If all log-probabilities are equal, the loss is ln 2, whatever the size of the batch.

    The loss is the mean of minus the logarithm of the sigmoid, and the sigmoid of 0 is a half.
    """
    for logprobs in (numbers(-1), numbers(-1, -2, -3)):
        loss = loss_of(learner, *[logprobs] * 4, beta=1.0)
        expect_equal(loss, LN2, f"the loss for a batch of {len(logprobs)}")


def test_only_the_change_from_the_reference_counts(learner: Port) -> None:
    """A model that's like its reference has the loss ln 2, even if it finds one of the answers likelier.

    Subtract the reference's log-ratio from the model's.
    """
    chosen, rejected = numbers(-1, -4), numbers(-2, -1)
    loss = loss_of(learner, chosen, rejected, chosen, rejected, beta=1.0)
    expect_equal(loss, LN2, "the loss of a model that is its own reference")


def test_preferring_the_chosen_answer_lowers_the_loss(learner: Port) -> None:
    """The loss is below ln 2 if the chosen answer has become likelier, and above it if the rejected one has."""
    one, two = numbers(-1), numbers(-2)
    preferred, disliked = loss_of(learner, one, two, two, two, beta=1.0), loss_of(learner, two, one, two, two, beta=1.0)
    below, above = f"below {LN2:.4f}, which is ln 2", f"above {LN2:.4f}, which is ln 2"
    expect(preferred < LN2, got=f"{preferred:.4f}", expected=below, where="the loss if the chosen answer is likelier")
    expect(disliked > LN2, got=f"{disliked:.4f}", expected=above, where="the loss if the rejected answer is likelier")


def test_beta_is_a_factor_inside_of_the_sigmoid(learner: Port) -> None:
    """Beta multiplies the difference of the log-ratios before the sigmoid does anything; without it, it's 0.1."""
    logprobs = numbers(-1, -3, -2), numbers(-2, -1, -3), numbers(-3, -2, -1), numbers(-1, -1, -4)
    margins = (3.0, -1.0, -2.0)
    for beta in (0.5, 2.0, 1.0, 0.1):
        expected = sum(math.log1p(math.exp(-beta * margin)) for margin in margins) / len(margins)
        expect_equal(loss_of(learner, *logprobs, beta=beta), expected, f"the loss for beta={beta:g}")
    with_default = loss_of(learner, *logprobs)
    expect_same(with_default, loss_of(learner, *logprobs, beta=0.1), "the loss without beta, compared with beta=0.1,")


def test_log_ratios_of_10000_do_not_overflow(learner: Port) -> None:
    """Log-ratios of 10,000 and of -10,000 give the losses 0 and 10,000: no exponential of them is infinite."""
    zero, low = numbers(0.0), numbers(-1e4)
    expect_equal(loss_of(learner, zero, low, zero, zero, beta=1.0), 0.0, "the loss for a log-ratio of 10,000")
    expect_equal(loss_of(learner, low, zero, zero, zero, beta=1.0), 1e4, "the loss for a log-ratio of -10,000")


def test_the_rewards_are_the_mean_changes(learner: Port) -> None:
    """The rewards are means over the batch of what the model says minus what the reference says: chosen, then rejected.

    With beta=1, as in this check, it makes no difference whether you multiply them by beta. Both are right.
    """
    logprobs = numbers(-1, -3, -2), numbers(-4, -5, -6), numbers(-2, -5, -5), numbers(-3, -1, -2)
    parts = expect_parts(learner.call("compute_dpo_loss", *logprobs, beta=1.0), PARTS)
    for name, part, expected in zip(PARTS[1:], parts[1:], (2.0, -3.0), strict=True):
        expect_equal(expect_number(part, name), expected, name)


def test_the_rewards_have_no_graph(learner: Port) -> None:
    """One can go backward from the loss, and not from the rewards, which are there to be watched.

    A graph that nobody goes through keeps all activations in memory.
    """
    logprobs = [with_graph(learner, 2, seed) for seed in (1, 2)]
    references = [numbers(-1, -2), numbers(-2, -2)]
    graphs = have_graphs(learner, learner.keep("compute_dpo_loss", *logprobs, *references, 1.0))
    for name, got, expected in zip(PARTS, graphs, (True, False, False), strict=True):
        words = {True: "with a graph", False: "without a graph"}
        expect(got == expected, got=words[got], expected=words[expected], where=name)


def test_a_batch_has_the_loss_of_both_answers_under_both_models(learner: Port) -> None:
    """Both models read both answers, each with its own mask; loss and rewards are those of the four results."""
    for masked in (False, True):
        pairs = pairs_of(2, 4, seed=4, masked=masked)
        where = ", with masks" if masked else ", if all tokens are selected"
        expect_reply(batch_reply(learner, pairs), expected_batch(pairs)[0], where)


def test_the_policy_gets_gradients(learner: Port) -> None:
    """Going backward from a batch's loss reaches every parameter of the policy, through both answers."""
    pairs = pairs_of(2, 4, seed=5)
    expect_gradients(gradients_of_batch(learner, pairs)[0], expected_batch(pairs)[1])


def test_the_reference_gets_no_gradients(learner: Port) -> None:
    """No gradient reaches the reference model: it stays what it is, so it doesn't need a graph."""
    for name, gradient in gradients_of_batch(learner, pairs_of(2, 4, seed=6))[1].items():
        reached = isinstance(gradient, torch.Tensor) and bool(gradient.any())
        expect(not reached, got="a gradient", expected="none", where=f"the reference's {name}")


def test_the_loader_returns_three_floats(learner: Port) -> None:
    """`compute_dpo_loss_loader` returns three Python floats: a tensor could keep the graphs of all batches."""
    parts = expect_parts(loader_reply(learner, [pairs_of(2, 3, seed=7)]), PARTS)
    for name, part in zip(PARTS, parts, strict=True):
        expect(type(part) is float, got=what_came(part), expected="a float (`.item()` makes one)", where=name)


def test_the_loader_averages_the_first_batches(learner: Port) -> None:
    """Loss and rewards are means over the first `num_batches` batches, or over all if it's None or too large.

    Divide by the number of batches that you added up.
    """
    batches = [pairs_of(2, 4, seed=seed) for seed in (8, 9, 10)]
    replies = [expect_parts(batch_reply(learner, pairs), PARTS) for pairs in batches]
    for asked, used in ((None, 3), (1, 1), (2, 2), (5, 3)):
        means = [sum(expect_number(reply[part]) for reply in replies[:used]) / used for part in range(3)]
        what = "without num_batches" if asked is None else f"for num_batches={asked}"
        expect_reply(loader_reply(learner, batches, asked), means, f" of three batches, {what}")
