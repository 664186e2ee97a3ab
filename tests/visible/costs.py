"""What the checks of `accounting` share: small settings, and counts with some of the settings changed.

A count is a sum of products, so each check takes differences: what does one more token, position or layer cost? So a
check sees one part of the sum, and a mistake in another part costs nothing here.
"""

from typing import Any

from grader.checks import Port, Tolerance, expect, expect_equal, expect_number, expect_same


def config(**changes: Any) -> dict[str, Any]:
    """Make the settings of a model so small that it could be built, in which no two sizes are equal."""
    sizes = {"vocab_size": 11, "context_length": 7, "emb_dim": 4, "n_heads": 1, "n_layers": 2}
    return sizes | {"drop_rate": 0.0, "qkv_bias": False} | changes


def parameters(port: Port, tied: bool = False, **changes: Any) -> float:
    """Count the parameters with some settings changed; another check looks at the type of the result."""
    return expect_number(port.call("count_parameters", config(**changes), tied=tied), "the number of parameters")


def flops(port: Port, tokens: int, **changes: Any) -> float:
    """Count the operations for a text of this many tokens, with some settings changed."""
    return expect_number(port.call("forward_flops", config(**changes), tokens), "the number of operations")


def cache(port: Port, batch: int = 1, tokens: int = 1, bytes_per_number: int = 1, **changes: Any) -> float:
    """Count the bytes of a cache, with some settings changed."""
    given = (config(**changes), batch, tokens, bytes_per_number)
    return expect_number(port.call("kv_cache_bytes", *given), "the number of bytes")


def expect_count(got: float, expected: float, where: str) -> None:
    """Fail unless a count, or a difference between counts, is the expected one."""
    expect(got == expected, got=f"{got:.12g}", expected=f"{expected:.12g}", where=where)


def expect_same_count(got: float, other: float, what: str) -> None:
    """Fail unless two counts that the learner's code gives are equal, exactly."""
    expect_same(got, other, what, tolerance=Tolerance(0.0, 0.0))


def polynomial(first: float, second: float, third: float) -> tuple[float, float]:
    """Return a and b of a size that is a x² + b x + c, from its values at x = 1, 2 and 3."""
    square = (third - 2 * second + first) / 2
    return square, second - first - 3 * square


def of_a_block(port: Port, width: int, **changes: Any) -> float:
    """Count the parameters that one more block adds."""
    sizes = {"emb_dim": width, **changes}
    return parameters(port, n_layers=3, **sizes) - parameters(port, n_layers=2, **sizes)


def per_token_and_block(port: Port, width: int) -> float:
    """Count the operations that one more token costs in one more block, apart from looking at other tokens."""
    costs = [
        polynomial(*(flops(port, tokens, emb_dim=width, n_layers=n_layers) for tokens in (1, 2, 3)))[1]
        for n_layers in (1, 2)
    ]
    return costs[1] - costs[0]


def expect_cfg_unchanged(port: Port, cfg: dict[str, Any]) -> None:
    """Fail if one of the functions changes the settings."""
    calls = {"count_parameters": (), "forward_flops": (2,), "kv_cache_bytes": (1, 2)}
    for name, arguments in calls.items():
        kept = port.put(cfg)
        port.call(name, kept, *arguments)
        expect_equal(kept.value(), cfg, f"cfg after {name}")
