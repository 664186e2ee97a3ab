"""Hidden checks of `accounting`: whole counts of drawn settings, compared with the reference."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Port, expect_equal, sizes
from tests.visible.costs import expect_cfg_unchanged

SETTINGS = st.builds(
    lambda heads, head_dim, **others: {"n_heads": heads, "emb_dim": heads * head_dim, "drop_rate": 0.1, **others},
    heads=sizes(1, 3),
    head_dim=sizes(1, 4),
    vocab_size=sizes(1, 30),
    context_length=sizes(4, 12),
    n_layers=sizes(1, 4),
    qkv_bias=st.booleans(),
)


@given(cfg=SETTINGS, tied=st.booleans())
def test_parameters_equal_the_reference(learner: Port, reference: Port, cfg: dict[str, Any], tied: bool) -> None:
    """The number of parameters is right for every model, tied or not."""
    got, expected = (port.call("count_parameters", cfg, tied=tied) for port in (learner, reference))
    expect_equal(got, expected, "the number of parameters")


@given(cfg=SETTINGS, tokens=sizes(1, 4))
def test_operations_equal_the_reference(learner: Port, reference: Port, cfg: dict[str, Any], tokens: int) -> None:
    """The number of operations is right for every model and every number of tokens."""
    got, expected = (port.call("forward_flops", cfg, tokens) for port in (learner, reference))
    expect_equal(got, expected, "the number of operations")


@given(cfg=SETTINGS, batch=sizes(1, 3), tokens=sizes(1, 4), bytes_per_number=st.sampled_from([1, 2, 4]))
def test_bytes_equal_the_reference(
    learner: Port, reference: Port, cfg: dict[str, Any], batch: int, tokens: int, bytes_per_number: int
) -> None:
    """The number of bytes is right for every model, batch, number of tokens, and size of a number."""
    arguments = (cfg, batch, tokens, bytes_per_number)
    got, expected = (port.call("kv_cache_bytes", *arguments) for port in (learner, reference))
    expect_equal(got, expected, "the number of bytes")


@given(cfg=SETTINGS)
def test_the_defaults_are_these(learner: Port, reference: Port, cfg: dict[str, Any]) -> None:
    """Without their last argument, the functions count a head that isn't tied, and 2 bytes for each number."""
    for name, arguments in (("count_parameters", ()), ("kv_cache_bytes", (2, 3))):
        got, expected = (port.call(name, cfg, *arguments) for port in (learner, reference))
        expect_equal(got, expected, f"what {name} returns")


@given(cfg=SETTINGS)
def test_every_cfg_stays_as_it_was(learner: Port, cfg: dict[str, Any]) -> None:
    """The functions read `cfg` without changing it, whatever is in it."""
    expect_cfg_unchanged(learner, cfg)
