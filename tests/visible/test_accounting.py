"""Visible checks of `accounting`: each looks at one part of a count, mostly by the difference that one more makes."""

from grader.checks import Golden, Port, expect, expect_number, what_came
from tests.visible.costs import (
    cache,
    config,
    expect_cfg_unchanged,
    expect_count,
    expect_same_count,
    flops,
    of_a_block,
    parameters,
    per_token_and_block,
    polynomial,
)


def test_counts_are_whole_numbers(learner: Port) -> None:
    """All three functions return Python ints, which are exact however large they are.

    `/` makes a float even of whole numbers; `//` doesn't.
    """
    calls = {"count_parameters": (), "forward_flops": (3,), "kv_cache_bytes": (2, 3)}
    for name, arguments in calls.items():
        got = learner.call(name, config(), *arguments)
        expect(type(got) is int, got=what_came(got), expected="a Python int", where=f"what {name} returns")


def test_a_token_more_adds_two_rows(learner: Port) -> None:
    """One more token in the vocabulary adds a row to `tok_emb` and one to `out_head`: 2 * emb_dim parameters."""
    got = parameters(learner, vocab_size=12) - parameters(learner, vocab_size=11)
    expect_count(got, 8, "the parameters that one more token in the vocabulary adds, with emb_dim 4")


def test_a_position_more_adds_a_row(learner: Port) -> None:
    """One more position adds a row to `pos_emb`: emb_dim parameters."""
    got = parameters(learner, context_length=8) - parameters(learner, context_length=7)
    expect_count(got, 4, "the parameters that one more position adds, with emb_dim 4")


def test_matrices_of_a_block(learner: Port) -> None:
    """A block's matrices have 12 * emb_dim² numbers: four in attention, and two that are four times as large.

    Query, key, value and output; then one layer that widens to 4 * emb_dim, and one that comes back.
    """
    square, _ = polynomial(*(of_a_block(learner, width) for width in (1, 2, 3)))
    expect_count(square, 12, "how many times emb_dim² one more block adds, found with emb_dim 1, 2 and 3")


def test_biases_and_norms_of_a_block(learner: Port) -> None:
    """A block's biases and norms have 10 * emb_dim numbers, if query, key and value have no bias.

    Which layers have a bias, and how long is each? And what does each of the two norms learn?
    """
    _, linear = polynomial(*(of_a_block(learner, width) for width in (1, 2, 3)))
    expect_count(linear, 10, "how many times emb_dim one more block adds besides its matrices")


def test_qkv_bias_adds_three_biases_to_each_block(learner: Port) -> None:
    """With `qkv_bias`, query, key and value have a bias in every block: 3 * emb_dim parameters more."""
    got = parameters(learner, qkv_bias=True) - parameters(learner)
    expect_count(got, 24, "the parameters that qkv_bias adds, with emb_dim 4 and two blocks")


def test_final_norm_is_what_is_left(learner: Port) -> None:
    """Besides tokens, positions, blocks and head, there is `final_norm`, with a scale and a shift: 2 * emb_dim."""
    token = parameters(learner, vocab_size=12) - parameters(learner, vocab_size=11)
    position = parameters(learner, context_length=8) - parameters(learner, context_length=7)
    block = of_a_block(learner, 4)
    got = parameters(learner) - 11 * token - 7 * position - 2 * block
    expect_count(got, 8, "the parameters that are left without tokens, positions and blocks, with emb_dim 4")


def test_a_tied_head_has_none_of_its_own(learner: Port) -> None:
    """With `tied=True`, the head has no parameters: vocab_size * emb_dim fewer, and nothing else changes."""
    got = parameters(learner) - parameters(learner, tied=True)
    expect_count(got, 44, "the parameters that tying saves, with 11 tokens and emb_dim 4")


def test_the_head_is_not_tied_by_default(learner: Port) -> None:
    """Without a second argument, the head isn't tied, as in `GPTModel`."""
    got = expect_number(learner.call("count_parameters", config()))
    expect_same_count(got, parameters(learner, tied=False), "the parameters without tied, compared with tied=False")


def test_looking_at_each_other_costs_four_widths(learner: Port) -> None:
    """Each token's look at each token costs 4 * emb_dim operations in each block: a score, and its share in the mixing.

    A score is a dot product of emb_dim numbers, and its weight multiplies emb_dim numbers. All pairs count, including
    those that the mask hides.
    """
    square, _ = polynomial(*(flops(learner, tokens) for tokens in (1, 2, 3)))
    expect_count(square, 32, "how many times tokens² the operations have, with emb_dim 4 and two blocks")


def test_each_number_of_a_matrix_costs_two_operations(learner: Port) -> None:
    """A token costs two operations for each number in a block's matrices: 24 * emb_dim² in each block.

    A multiplication and an addition. Which matrices does a token go through in a block?
    """
    square, _ = polynomial(*(per_token_and_block(learner, width) for width in (1, 2, 3)))
    expect_count(square, 24, "how many times emb_dim² a token costs in a block, found with emb_dim 1, 2 and 3")


def test_the_head_scores_every_token(learner: Port) -> None:
    """The head compares every position with every token of the vocabulary: 2 * tokens * emb_dim for each of them."""
    got = flops(learner, 3, vocab_size=12) - flops(learner, 3, vocab_size=11)
    expect_count(got, 24, "the operations that one more token in the vocabulary adds, for 3 tokens and emb_dim 4")


def test_only_matrices_count(learner: Port) -> None:
    """Only matrix products count: no biases, norms, activations, softmax, lookups or additions."""
    _, linear = polynomial(*(per_token_and_block(learner, width) for width in (1, 2, 3)))
    expect_count(linear, 0, "how many times emb_dim a token costs in a block besides its matrices")
    block = flops(learner, 1, n_layers=2) - flops(learner, 1, n_layers=1)
    token = flops(learner, 1, vocab_size=12) - flops(learner, 1, vocab_size=11)
    expect_count(flops(learner, 1) - 2 * block - 11 * token, 0, "the operations for a token outside blocks and head")


def test_the_number_of_heads_does_not_matter(learner: Port) -> None:
    """Several heads share the same width, so `n_heads` changes none of the three counts."""
    one, two = (
        {
            "parameters": parameters(learner, n_heads=n_heads),
            "operations": flops(learner, 3, n_heads=n_heads),
            "bytes": cache(learner, n_heads=n_heads),
        }
        for n_heads in (1, 2)
    )
    for what, other in one.items():
        expect_same_count(two[what], other, f"the {what} with 2 heads, compared with 1")


def test_the_cache_has_keys_and_values(learner: Port) -> None:
    """One layer keeps a key and a value for a token, each of emb_dim numbers: with 1 number of 1 byte, 2 bytes."""
    got = cache(learner, emb_dim=1, n_layers=1)
    expect_count(got, 2, "the bytes for one text, one token, one layer and emb_dim 1, with a byte for each number")


def test_the_cache_grows_with_everything_it_keeps(learner: Port) -> None:
    """The cache doubles with twice the texts, tokens, layers, features, or bytes per number, and with nothing else."""
    once = cache(learner, batch=3, tokens=2, bytes_per_number=1)
    twice = {
        "batch": cache(learner, batch=6, tokens=2),
        "tokens": cache(learner, batch=3, tokens=4),
        "bytes_per_number": cache(learner, batch=3, tokens=2, bytes_per_number=2),
        "n_layers": cache(learner, batch=3, tokens=2, n_layers=4),
        "emb_dim": cache(learner, batch=3, tokens=2, emb_dim=8),
    }
    for name, got in twice.items():
        expect_count(got, 2 * once, f"the bytes with {name} doubled, which were {once:g} before")
    longer = cache(learner, batch=3, tokens=2, context_length=14, vocab_size=22)
    expect_same_count(longer, once, "the bytes with context_length and vocab_size doubled, compared with before")


def test_a_number_has_two_bytes_by_default(learner: Port) -> None:
    """Without `bytes_per_number`, each number has 2 bytes, as in float16 and bfloat16."""
    got = expect_number(learner.call("kv_cache_bytes", config(), 1, 3))
    expect_same_count(got, cache(learner, 1, 3, 2), "the bytes without bytes_per_number, compared with 2")


def test_cfg_stays_as_it_was(learner: Port) -> None:
    """The functions read `cfg` without changing it."""
    expect_cfg_unchanged(learner, config(qkv_bias=True))


def test_the_recorded_counts_come_out(learner: Port, golden: Golden) -> None:
    """For a small model, all counts are those of a correct solution."""
    cfg = config(n_heads=2, qkv_bias=True)
    golden.expect("parameters", learner.call("count_parameters", cfg), "the number of parameters")
    golden.expect("operations", learner.call("forward_flops", cfg, 5), "the number of operations")
    golden.expect("bytes", learner.call("kv_cache_bytes", cfg, 2, 5), "the number of bytes")
