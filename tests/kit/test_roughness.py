"""Float64 numbers that were computed in float32 pass, and nothing else is compared less closely because of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from grader.checks import CheckFailure, Tolerance, expect_equal, values
from grader.checks.gradients import expect_gradients_fit_the_output
from grader.checks.roughness import measured_through, roughness
from grader.port import InProcess, Port, Workspace

FUNCTIONS = """
    import torch
    import torch.nn.functional as F
    from torch import nn

    def softmax(x): return x.softmax(-1)
    def softmax_inside(x): return x.softmax(-1, dtype=torch.float32).to(x.dtype)
    def norm(x, eps=1e-5): return (x - x.mean(-1, True)) / (x.var(-1, keepdim=True, unbiased=False) + eps).sqrt()
    def norm_inside(x, eps=1e-5): return norm(x.float(), eps).to(x.dtype)
    def statistics_inside(x):
        mean, var = x.float().mean(-1, True), x.float().var(-1, keepdim=True, unbiased=False)
        return (x - mean.to(x)) / (var.to(x) + 1e-5).sqrt()
    def gelu(x): return F.gelu(x, approximate="tanh")
    def gelu_inside(x): return gelu(x.float()).to(x.dtype)
    def other_eps(x): return norm(x, 1.1e-5)
    def other_eps_inside(x): return norm_inside(x, 1.1e-5)
    def other_constant(x): return 0.5 * x * (1 + torch.tanh(0.7978845608 * (x + 0.044751 * x**3)))
    def other_constant_inside(x): return other_constant(x.float()).to(x.dtype)
    def noisy(x): return gelu(x) + 1e-5 * torch.rand_like(x)
    def jagged(x): return gelu(x) + 1e-3 * torch.sin(1e12 * x)
    def given(x): return x

    class Inside(nn.Module):
        def forward(self, x): return gelu_inside(x)

    class Detached(nn.Module):
        def forward(self, x): return gelu_inside(x * 0.98 + x.detach() * 0.02)

    class Exact(nn.Module):
        def forward(self, x): return gelu(x * 0.9999 + x.detach() * 0.0001)
    """


@pytest.fixture
def port(write_module: Callable[..., Path]) -> Iterator[Port]:
    """Return a port to these functions, through which roughness is measured."""
    port = Port(InProcess(Workspace({"thing": write_module(FUNCTIONS)})), "thing")
    with measured_through(port):
        yield port
    port.transport.close()


X = values(3, 4, seed=1, scale=3.0)
SMALL = values(3, 4, seed=1, scale=0.03)


@pytest.mark.parametrize("name", ["softmax", "norm", "gelu", "other_eps", "other_constant", "given"])
def test_float64_is_not_rough(port: Port, name: str) -> None:
    """A function that is computed in float64 isn't rough at all, be it right or wrong."""
    port.call(name, X)
    assert roughness() == 0


@pytest.mark.parametrize("name", ["softmax", "norm", "statistics", "gelu", "other_eps", "other_constant"])
def test_float32_inside_is_rough(port: Port, name: str) -> None:
    """A function that is computed in float32 is as rough as float32 rounds, no matter how large the input is."""
    for x in (X, SMALL, X[:1, :2]):
        port.call(f"{name}_inside", x)
        assert 1e-9 < roughness() < 1e-5


@pytest.mark.parametrize("name", ["softmax", "norm", "gelu"])
def test_right_answers_from_float32_pass(port: Port, name: str) -> None:
    """What float32 rounds is accepted, for whole values and for parts of them, even if it is 0 in float64."""
    expected = port.call(name, X)
    expect_equal(port.call(f"{name}_inside", X), expected)
    got = port.call(f"{name}_inside", X)
    assert isinstance(got, torch.Tensor)
    assert isinstance(expected, torch.Tensor)
    expect_equal(got.sum(-1) - expected.sum(-1), torch.zeros(3, dtype=torch.float64))


@pytest.mark.parametrize(("right", "wrong", "x"), [("norm", "other_eps", SMALL), ("gelu", "other_constant", X)])
def test_small_mistakes_still_fail(port: Port, right: str, wrong: str, x: torch.Tensor) -> None:
    """An eps or a constant that is slightly off is wrong in float64 and in float32."""
    expected = port.call(right, x)
    for name in (wrong, f"{wrong}_inside"):
        with pytest.raises(CheckFailure):
            expect_equal(port.call(name, x), expected)


def test_what_is_off_by_float32s_bound_fails_in_float64(port: Port) -> None:
    """An output in float64 that is off by 1e-5 fails, although float32 could be off by more."""
    expected = values(3, 4, seed=2)
    with pytest.raises(CheckFailure):
        expect_equal(port.call("given", expected + 1e-5), expected)


def test_what_another_call_changes_is_not_rough(port: Port) -> None:
    """A function with a random part isn't called rough: nobody knows by how much it should be off."""
    expected = port.call("gelu", X)
    with pytest.raises(CheckFailure):
        expect_equal(port.call("noisy", X), expected)


def test_making_an_output_rough_on_purpose_gains_little(port: Port) -> None:
    """However rough a function is, it may not be off by more than the limit."""
    expected = port.call("gelu", X)
    got = port.call("jagged", X)
    assert roughness() > 1e-4
    with pytest.raises(CheckFailure):
        expect_equal(got, expected)
    expect_equal(got, expected, limit=Tolerance(1e-2, 1.0))


def test_measuring_leaves_no_trace(port: Port) -> None:
    """What a student reads as called, and what is recorded, is what the check asked."""
    port.call("gelu_inside", X)
    transcript, exchanges = list(port.transcript), list(port.exchanges)
    assert roughness() > 0
    assert port.transcript == transcript
    assert port.exchanges == exchanges


def test_without_a_port_nothing_is_rough() -> None:
    """Values that come from no learner's code are compared as closely as ever."""
    with pytest.raises(CheckFailure):
        expect_equal(X + 1e-4, X)


def test_gradients_through_float32_fit(port: Port) -> None:
    """The slopes of an output in float32 are taken over larger steps, and those of one in float64 are not."""
    expect_gradients_fit_the_output(port.build("Inside").double(), X, {})
    for name in ("Exact", "Detached"):
        with pytest.raises(CheckFailure):
            expect_gradients_fit_the_output(port.build(name).double(), X[:1, :1] + 2, {})
