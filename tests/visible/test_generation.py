"""Visible checks of `generation`: small models that record what they get, and a tokenizer as strict as tiktoken."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import (
    Handle,
    Port,
    expect,
    expect_any_tensor,
    expect_equal,
    expect_number,
    expect_same,
    expect_tensor,
    seeds,
    sizes,
    values,
    what_came,
)
from tests.visible import generating
from tests.visible.generating import (
    ALPHABET,
    DRAWS,
    INT64,
    START,
    chain,
    counts_of,
    expect_ids,
    expect_no_more_than,
    expect_shares,
    expected_sample,
    model_of,
    passes_of,
    prompt_of,
    sample_model,
    sample_of,
    table_model,
)

FLOAT64 = torch.float64
ONE = torch.tensor([[0]])
"""A prompt of one token."""
COUNTING = ";0123456789"
"""The characters of a model that counts."""

test_simple_returns_the_prompt_and_the_new_tokens = generating.the_prompt_comes_first("generate_text_simple")

test_simple_appends_the_likeliest_token = generating.the_likeliest_token_follows("generate_text_simple")

test_simple_shows_the_model_the_last_ids = generating.the_model_sees_the_last_ids("generate_text_simple")

test_simple_runs_without_gradients = generating.gradients_are_off("generate_text_simple")


@given(vocab=sizes(2, 6), temperature=st.sampled_from([0.5, 1.0, 3.0]), seed=seeds())
def test_probabilities_sum_to_one(learner: Port, vocab: int, temperature: float, seed: int) -> None:
    """`softmax_with_temperature` returns probabilities: positive numbers that sum to one, at any temperature.

    Softmax comes last. Whatever you do to its result changes the sum.
    """
    got = learner.call("softmax_with_temperature", values(vocab, seed=seed), temperature)
    probabilities = expect_tensor(got, (vocab,), FLOAT64, "the probabilities")
    expect(bool((probabilities > 0).all()), got=what_came(probabilities), expected="positive numbers")
    expect_equal(probabilities.sum(), torch.tensor(1.0, dtype=FLOAT64), "the sum of the probabilities")


@given(vocab=sizes(2, 6), temperature=st.sampled_from([0.25, 0.5, 2.0, 4.0]), seed=seeds())
def test_logits_are_divided_by_the_temperature(learner: Port, vocab: int, temperature: float, seed: int) -> None:
    """`softmax_with_temperature` divides the logits by the temperature before the softmax.

    A temperature above 1 makes the probabilities more even, one below 1 makes the largest even larger.
    """
    logits = values(vocab, seed=seed)
    got = learner.call("softmax_with_temperature", logits, temperature)
    expect_equal(got, torch.softmax(logits / temperature, dim=0), "the probabilities", dims=("token",))


test_generate_returns_the_prompt_and_the_new_tokens = generating.the_prompt_comes_first("generate")

test_generate_is_greedy_by_default = generating.the_likeliest_token_follows(
    "generate",
    title="With a temperature of 0, which is the default, each new token is the one with the largest logit.",
    hint="At temperature 0 nothing is left to chance, and nothing is divided by it.",
)

test_generate_shows_the_model_the_last_ids = generating.the_model_sees_the_last_ids("generate")

test_generate_runs_without_gradients = generating.gradients_are_off("generate")


def test_tokens_are_drawn_at_the_temperature(learner: Port) -> None:
    """With a temperature above 0, tokens are drawn by chance, from softmax(logits / temperature).

    If two logits differ by 6, a temperature of 12 makes the likelier token come in 62 % of the draws, and a temperature
    of 1 in nearly all.
    """
    for logits, temperature in (((0.0, 6.0), 12.0), ((0.5, 0.0), 0.02)):
        expected = torch.softmax(torch.tensor(logits) / temperature, dim=0).tolist()
        counts = counts_of(learner, logits, temperature=temperature)
        expect_shares(counts, expected, f"logits {logits}, temperature {temperature}")


def test_each_row_has_its_own_draw(learner: Port) -> None:
    """Each row of a batch has its own draw: with four tokens equally likely, 60 equal prompts go on in several ways."""
    prompts = torch.zeros(60, 1, dtype=INT64)
    ids = learner.keep("generate", table_model(learner, torch.zeros(4, 4)), prompts, 1, 8, temperature=1.0)
    varied = ids.keep("select", 1, 1).keep("double").keep("var").call("gt", 0.05)
    expect_equal(varied, torch.tensor(True), "the variance of the new ids is above 0.05")


def test_each_token_has_its_own_draw(learner: Port) -> None:
    """Each new token of a text has its own draw: with four tokens equally likely, 30 draws don't all give the same."""
    ids = learner.keep("generate", table_model(learner, torch.zeros(4, 4)), ONE, 30, 8, temperature=1.0)
    varied = ids.keep("double").keep("var").call("gt", 0.05)
    expect_equal(varied, torch.tensor(True), "the variance of the ids is above 0.05")


def test_each_call_has_its_own_draws(learner: Port) -> None:
    """Each call has its own draws: the same prompt goes on differently, unless the caller sets the seed."""
    model = table_model(learner, torch.zeros(4, 4))
    first, second = (learner.keep("generate", model, ONE, 30, 8, temperature=1.0) for _ in range(2))
    expect_equal(first.call("equal", second), False, "the second text equals the first")


def test_the_largest_logit_is_always_drawn_with_top_k_1(learner: Port) -> None:
    """With top_k=1, only the largest logit is left, so chance can't choose anything else at any temperature."""
    model = table_model(learner, torch.tensor([1.0, 0.0, 2.0, 0.5, 1.5]).expand(5, -1))
    got = learner.call("generate", model, torch.tensor([[0]]), 8, 8, temperature=4.0, top_k=1)
    expect_equal(got, torch.tensor([[0] + [2] * 8]), "the ids")


def test_only_the_k_largest_logits_take_part(learner: Port) -> None:
    """With top_k, exactly the k tokens with the largest logits can be drawn, and no other.

    The smallest logit that stays is the k-th largest, and it stays, too.
    """
    for logits, top_k, expected in (
        ((3.1, 3.0, 3.2, 2.9), 2, [0, 2]),
        ((-3.1, -3.0, -3.4, -3.3, -3.2), 4, [0, 1, 3, 4]),
    ):
        counts = counts_of(learner, logits, temperature=1.0, top_k=top_k)
        drawn = counts.nonzero().flatten().tolist()
        where = f"{DRAWS} draws from the logits {logits}, top_k={top_k}"
        expect(drawn == expected, got=f"the tokens {drawn}", expected=f"the tokens {expected}", where=where)


def test_the_k_largest_share_all_draws(learner: Port) -> None:
    """With top_k, the softmax runs over the logits that stay: their shares fit the temperature and sum to one."""
    for logits, temperature in (((0.0, 6.0, *[-0.1] * 10), 20.0), ((0.5, 0.0, -0.1), 0.02)):
        expected = torch.zeros(len(logits))
        expected[:2] = torch.tensor(logits[:2]).div(temperature).softmax(dim=0)
        counts = counts_of(learner, logits, temperature=temperature, top_k=2)
        expect_shares(counts, expected.tolist(), f"logits {logits}, temperature {temperature}, top_k=2")


def test_the_end_token_ends_the_text(learner: Port) -> None:
    """When the end token comes next, the text ends: nothing follows it, whatever `max_new_tokens` says."""
    for vocab, end in ((6, 3), (4, 0)):
        prompt = torch.tensor([[1]])
        ids = expect_ids(learner.call("generate", table_model(learner, chain(vocab)), prompt, 7, 8, eos_id=end))
        length = (end - 1) % vocab
        where = f"1, 2, 3, … as the likeliest tokens, eos_id={end}"
        expect(
            ids.shape[1] <= length + 1,
            got=f"{ids.shape[1]} tokens: {ids[0].tolist()}",
            expected=f"{length} tokens",
            where=where,
        )
    coin = table_model(learner, torch.zeros(2, 2))
    text = learner.keep("generate", coin, torch.tensor([[0]]), 60, 8, temperature=1.0, eos_id=1)
    new = expect_number(text.keep("eq", 0).keep("double").call("sum", 1)) - 1
    expect(new < 18, got=f"{new:.0f} new tokens", expected="fewer than 18", where="the end token has probability 1/2")


def test_the_end_token_is_not_appended(learner: Port) -> None:
    """The end token itself isn't appended: the result is the text before it."""
    for end, expected in ((3, [[1, 2]]), (2, [[1]])):
        got = learner.call("generate", table_model(learner, chain(6)), torch.tensor([[1]]), 7, 8, eos_id=end)
        expect_equal(got, torch.tensor(expected), f"the ids with eos_id={end}")


def test_an_end_token_in_the_prompt_ends_nothing(learner: Port) -> None:
    """Only a new token can end the text: the prompt may contain the end token."""
    prompt = torch.tensor([[3, 0]])
    got = learner.call("generate", table_model(learner, chain(6)), prompt, 2, 8, eos_id=3)
    expect_equal(got, torch.tensor([[3, 0, 1, 2]]), "the ids")


def test_the_prompt_stays_as_it_was(learner: Port) -> None:
    """Neither `generate_text_simple` nor `generate` changes the caller's prompt: new ids are a new tensor."""
    for name in ("generate_text_simple", "generate"):
        prompt = prompt_of(2, 3, 1)
        kept = learner.put(prompt)
        learner.keep(name, model_of(learner), kept, 2, 16)
        expect_equal(kept.value(), prompt, f"the prompt after `{name}`")


@given(text=st.text(ALPHABET, min_size=1, max_size=5))
def test_ids_are_a_batch_of_one(learner: Port, text: str) -> None:
    """`text_to_token_ids` returns an int64 tensor of shape (1, tokens): a batch with one text."""
    got = learner.call("text_to_token_ids", text, learner.probe("CharacterTokenizer", alphabet=ALPHABET))
    ids = expect_any_tensor(got, "the ids")
    right = ids.shape == (1, len(text)) and ids.dtype is INT64
    expect(right, got=f"shape {tuple(ids.shape)}, {ids.dtype}", expected=f"shape {(1, len(text))}, torch.int64")


@given(text=st.text(ALPHABET, min_size=1, max_size=5))
def test_ids_are_those_of_the_tokenizer(learner: Port, text: str) -> None:
    """`text_to_token_ids` returns the ids that the tokenizer's `encode` gives, all of them and in order."""
    got = learner.call("text_to_token_ids", text, learner.probe("CharacterTokenizer", alphabet=ALPHABET))
    ids = expect_any_tensor(got, "the ids").flatten()
    expect_equal(ids, torch.tensor([ALPHABET.index(character) for character in text]), "the ids")


def test_the_end_of_text_token_is_one_token(learner: Port) -> None:
    """`<|endoftext|>` in a text becomes its single id.

    Tokenizers refuse text with special tokens in it, or treat it like any other text, unless you allow them.
    """
    tokenizer = learner.probe("CharacterTokenizer", alphabet="<|>endoftx")
    ids = expect_any_tensor(learner.call("text_to_token_ids", "on<|endoftext|>ft", tokenizer), "the ids").flatten()
    expect_equal(ids, torch.tensor([6, 4, 10, 7, 8]), "the ids")


@given(text=st.text(ALPHABET, min_size=2, max_size=5))
def test_ids_become_text(learner: Port, text: str) -> None:
    """`token_ids_to_text` returns the text of ids of shape (1, tokens).

    The tokenizer's `decode` takes a plain list of ids, without a batch dimension.
    """
    ids = torch.tensor([[ALPHABET.index(character) for character in text]])
    got = learner.call("token_ids_to_text", ids, learner.probe("CharacterTokenizer", alphabet=ALPHABET))
    expect_equal(got, text, "the text")


def test_a_single_id_becomes_text_too(learner: Port) -> None:
    """`token_ids_to_text` takes a text of a single token, too: a tensor of shape (1, 1)."""
    tokenizer = learner.probe("CharacterTokenizer", alphabet=ALPHABET)
    expect_equal(learner.call("token_ids_to_text", torch.tensor([[2]]), tokenizer), "2", "the text")


def counting_model(port: Port) -> Handle:
    """Create a model that writes the characters of `COUNTING` again and again."""
    return table_model(port, chain(len(COUNTING)), 64)


def test_a_sample_begins_with_its_start_context(learner: Port) -> None:
    """`generate_and_print_sample` prints the start context, followed by the new text."""
    table = chain(11)
    table[9] = table[10]  # after 9 comes 0
    printed = sample_of(learner, table_model(learner, table, 64), "7.", "0123456789.")
    expect(printed.startswith("7."), got=repr(printed[:20]), expected="a text that begins with '7.'")


def test_a_sample_has_50_new_tokens(learner: Port) -> None:
    """A sample has 50 new tokens after the start context."""
    new = len(sample_of(learner, counting_model(learner), "7", COUNTING).removeprefix("7"))
    expect(new == 50, got=f"{new} characters after the start context", expected="50 (each token is one character here)")


def test_a_sample_is_written_in_eval_mode(learner: Port) -> None:
    """`generate_and_print_sample` runs the model in eval mode, so that dropout is off."""
    model = sample_model(learner)
    sample_of(learner, model)
    modes = [passed["training"] for passed in passes_of(model)]
    expect(not any(modes), got="model.training was True in a forward pass", expected="False in each")


def test_a_sample_leaves_the_model_in_training_mode(learner: Port) -> None:
    """After `generate_and_print_sample`, the model is in training mode, whatever mode it was in before."""
    for model in (sample_model(learner), sample_model(learner).eval()):
        sample_of(learner, model)
        expect_equal(model.call("is_training"), True, "model.training after the sample")


def test_a_sample_is_the_same_each_time(learner: Port) -> None:
    """A sample is greedy: the same model continues the same start context with the same text each time."""
    first, second = (sample_of(learner, counting_model(learner), "7", COUNTING) for _ in range(2))
    expect_same(second, first, "the second sample")


def test_a_sample_sees_as_many_ids_as_there_are_positions(learner: Port) -> None:
    """The context size of a sample is the number of rows of `model.pos_emb.weight`: here 6, then 30."""
    for context_length in (6, 30):
        model = sample_model(learner, context_length)
        new = sample_of(learner, model).removeprefix(START)[:50]
        expect_no_more_than(model, context_length)
        expected = expected_sample(context_length).removeprefix(START)[: len(new)]
        expect_equal(new, expected, f"what a model with {context_length} positions appends")


def test_a_sample_is_printed_in_one_line(learner: Port) -> None:
    """A sample is printed in one line: each line break in the text becomes a space."""
    alphabet = "012\n3"
    printed = sample_of(learner, table_model(learner, chain(len(alphabet)), 64), "01", alphabet)
    lines = printed.count("\n") + 1
    expect(lines == 1, got=f"{lines} lines, beginning with {printed[:6]!r}", expected="a single line")
    spaces = printed.count(" ")
    expect(spaces == 10, got=f"{spaces} spaces", expected="10, one for each line break", where=f"printed: {printed!r}")
