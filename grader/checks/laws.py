"""Laws about layers: rules that every correct layer obeys, whatever it computes.

An exercise describes once how to build its layer and what to feed it (`Layer`), and then picks the laws it needs:

    test_inputs_need_not_be_contiguous = laws.inputs_need_not_be_contiguous(NORM)

The docstring of a law gives the title and the hint of the checks made from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from hypothesis import strategies as st

from grader.checks.compare import (
    expect_equal,
    expect_parameters,
    expect_same,
    expect_tensor,
    hinted_only_if_equal,
)
from grader.checks.devices import expect_on_another_device
from grader.checks.draw import seeds, values
from grader.checks.golden import Golden
from grader.checks.gradients import expect_gradients_fit_the_output
from grader.checks.law import law
from grader.checks.layer import FLOAT64, Layer, Size
from grader.checks.replies import expect_any_tensor
from grader.port.port import Port

ZERO_SLOPE = 1e-12
"""A parameter whose expected gradient is smaller than this makes no difference: its gradient may be missing."""


def _compared(layer: Layer, x: torch.Tensor, gradient: bool = False) -> dict[str, Any]:
    """Return how what comes of an input is compared: the names of its dimensions, and the limit for float32."""
    return {"dims": layer.dims_of(x), "limit": layer.limit(x, gradient)}


def _size(layer: Layer) -> Any:
    return layer.draw()


def _size_of_another_call(layer: Layer) -> Any:
    return layer.draw(layer.changing)


@law(size=_size)
def parameters_are_exactly_these(layer: Layer, learner: Port, size: Size) -> None:
    """The layer has exactly the parameters that the lesson lists, with the right shapes, and all are trainable.

    A plain tensor isn't a parameter: wrap it in `nn.Parameter`. A tensor that isn't trained belongs in a buffer.
    """
    expect_parameters(layer.build(learner, size), layer.shapes(size))


@law(size=_size)
def shape_and_dtype_are_right(layer: Layer, learner: Port, size: Size) -> None:
    """The output has the right shape and the dtype of the input, float32 or float64."""
    for dtype in (torch.float32, FLOAT64):
        x = layer.inputs(size, 1)
        got = layer.started(learner, size, 1, dtype)(x.to(dtype))
        # Another check looks at the numbers.
        expect_tensor(got, layer.output_shape(size, x), dtype, finite=False)


@law(size=_size, seed=seeds())
def batch_elements_are_independent(
    layer: Layer, learner: Port, size: Size, seed: int, leading: int = 1, called: str = "element {} of the batch"
) -> None:
    """Each element of a batch gives the same output as it does by itself."""
    x = layer.inputs(size, seed)
    module = layer.started(learner, size, seed)
    whole = expect_tensor(module(x), layer.output_shape(size, x), FLOAT64)
    for index in torch.cartesian_prod(*(torch.arange(n) for n in x.shape[:leading])).view(-1, leading).tolist():
        only = tuple(slice(position, position + 1) for position in index)
        what = f"the output for {called.format(*index)} by itself"
        expect_same(module(x[only]), whole[only], what, **_compared(layer, x))


@law(size=_size, other=_size_of_another_call, seed=seeds())
def calls_do_not_influence_each_other(
    layer: Layer, learner: Port, size: Size, other: Size, seed: int, modes: Sequence[str] = ("train", "eval")
) -> None:
    """A call gives the same output no matter which calls came before it: a layer has no memory."""
    largest = {**size, **{name: max(size[name], other[name]) for name in layer.changing}}
    first, second = layer.inputs(size, seed), layer.inputs({**size, **other}, seed + 1)
    # Each output expected is that of a new module, which no call came before.
    expected = [expect_any_tensor(layer.started(learner, largest, seed)(x)) for x in (first, second)]
    module = layer.started(learner, largest, seed)
    for mode in modes:
        module = module.train() if mode == "train" else module.eval()
        for x, output in ((first, expected[0]), (second, expected[1]), (first, expected[0])):
            expect_same(module(x), output, "the output of a later call", **_compared(layer, x))


@law(size=_size, seed=seeds())
def layers_share_nothing(layer: Layer, learner: Port, size: Size, seed: int) -> None:
    """Two layers of the same size share nothing: setting the parameters of one leaves the other as it was.

    What a layer creates in `__init__` is its own. What belongs to the class or the module belongs to all layers.
    """
    # A conversion to another dtype would make copies of what is shared.
    first, second = (layer.started(learner, size, seed, torch.float32) for _ in range(2))
    before = {name: parameter.value for name, parameter in second.parameters().items()}
    first.set_parameters({name: torch.full_like(value, 0.25) for name, value in before.items()})
    for name, parameter in second.parameters().items():
        what = f"{name} of the second layer after that of the first was set"
        expect_equal(parameter.value, before[name], what, dims=())


@law(size=_size)
def the_output_is_on_the_inputs_device(layer: Layer, learner: Port, size: Size, seed: int = 1) -> None:
    """A layer that is moved to another device, as to a GPU with `.to("cuda")`, computes there.

    Buffers move with the layer; plain attributes don't. A tensor that you create in `forward` needs `device=x.device`.
    Torch's device `meta`, whose tensors have no numbers, stands in for a GPU here.
    """
    module = learner.probe("moved", of=layer.built(learner, size, dtype=torch.float32))
    x = learner.probe("moved", of=layer.inputs(size, seed).float())
    expect_on_another_device(learner, lambda: module.keep("__call__", x))


@law(size=_size)
def the_input_stays_as_it_was(layer: Layer, learner: Port, size: Size, seed: int = 1) -> None:
    """A forward pass leaves its input unchanged.

    Operations that end in an underscore, and `x += …`, write into the caller's tensor; `x = x + …` makes a new one.
    """
    x = layer.inputs(size, seed).float()
    kept = learner.put(x)
    layer.started(learner, size, seed, torch.float32)(kept)
    expect_equal(kept.value(), x, "the input after the call", dims=layer.dims_of(x))


@law(size=_size, seed=seeds(), strided=st.booleans())
def inputs_of_every_kind_stay_as_they_were(layer: Layer, learner: Port, size: Size, seed: int, strided: bool) -> None:
    """A forward pass leaves its input unchanged, whatever its shape and memory layout."""
    x = layer.inputs(size, seed)
    kept = learner.put(x, strided=strided)
    layer.started(learner, size, seed)(kept)
    expect_equal(kept.value(), x, "the input after the call", dims=layer.dims_of(x))


@law(size=_size, seed=seeds())
def inputs_need_not_be_contiguous(layer: Layer, learner: Port, size: Size, seed: int) -> None:
    """A non-contiguous input (a transpose or a slice, for example) gives the same output."""
    x = layer.inputs(size, seed)
    module = layer.started(learner, size, seed)
    expected = expect_any_tensor(module(x))
    what = "the output for the same numbers in another memory order"
    expect_same(module(learner.put(x, strided=True)), expected, what, **_compared(layer, x))


@law(size=_size, seed=seeds())
def gradients_fit_the_output(layer: Layer, learner: Port, size: Size, seed: int) -> None:
    """The gradients of the input and of every parameter are the slopes of your output.

    Is anything on the way detached, or computed without gradients?
    """
    module = layer.built(learner, size)
    parameters = layer.fit(module, layer.parameters(size, seed))
    expect_gradients_fit_the_output(module, layer.inputs(size, seed), parameters, seed)


@law(size=_size, seed=seeds())
def gradients_equal_the_reference(layer: Layer, learner: Port, reference: Port, size: Size, seed: int) -> None:
    """The gradients of the input and of every parameter match the formula."""
    x, parameters = layer.inputs(size, seed), layer.parameters(size, seed)
    upstream = values(*layer.output_shape(size, x), seed=seed + 1)
    got, expected = (
        layer.built(port, size, parameters).gradients(x, upstream=upstream) for port in (learner, reference)
    )
    with hinted_only_if_equal(got.output, expected.output, layer.limit(x, False)):
        expect_equal(got.inputs[0], expected.inputs[0], "the gradient of the input", **_compared(layer, x, True))
        for name, gradient in expected.parameters.items():
            got_gradient = got.parameters.get(name)
            if got_gradient is None and gradient is not None and float(gradient.abs().max()) < ZERO_SLOPE:
                continue
            expect_equal(got_gradient, gradient, f"the gradient of {name}", limit=layer.limit(x, True))


@law(size=_size, seed=seeds())
def float32_agrees_with_float64(layer: Layer, learner: Port, size: Size, seed: int) -> None:
    """In float32, the output equals that in float64 up to rounding, and its dtype is float32."""
    x, parameters = layer.inputs(size, seed), layer.parameters(size, seed)
    exact = layer.built(learner, size, parameters)(x)
    expected = expect_tensor(exact, layer.output_shape(size, x), FLOAT64)
    single = layer.built(learner, size, parameters, torch.float32)
    expect_same(
        single(x.float()), expected.float(), "the output in float32, compared with float64,", **_compared(layer, x)
    )


@law(size=_size, seed=seeds())
def output_equals_the_reference(layer: Layer, learner: Port, reference: Port, size: Size, seed: int) -> None:
    """In float64, the output matches the formula."""
    x, parameters = layer.inputs(size, seed), layer.parameters(size, seed)
    got, expected = (layer.built(port, size, parameters)(x) for port in (learner, reference))
    expect_equal(got, expected, "the output", **_compared(layer, x))


@law(size=_size)
def the_recorded_example_comes_out(
    layer: Layer,
    learner: Port,
    golden: Golden,
    size: Size,
    x: torch.Tensor,
    parameters: Mapping[str, torch.Tensor],
) -> None:
    """An example gives the numbers that a correct solution gives."""
    golden.expect("output", layer.built(learner, size, parameters)(x), "the output", dims=layer.dims_of(x))


@law(size=_size, seed=seeds())
def dropout_is_off_in_evaluation_mode(layer: Layer, learner: Port, size: Size, seed: int, rate: float = 0.5) -> None:
    """After .eval(), a layer built with dropout gives the same output as one without.

    `nn.Dropout` knows its mode by itself; functions such as `F.dropout` have to be told.
    """
    x = layer.inputs(size, seed)
    plain = layer.started(learner, {**size, "dropout": 0.0}, seed)
    expected = expect_tensor(plain(x), layer.output_shape(size, x), FLOAT64)
    module = layer.started(learner, {**size, "dropout": rate}, seed)
    expect_same(
        module(x), expected, "the output in eval mode, compared with a layer without dropout,", **_compared(layer, x)
    )
    module.train()
    what = "the output in eval mode, after training mode,"
    expect_same(module.eval()(x), expected, what, **_compared(layer, x))


@law(size=_size, seed=seeds(), mode=st.sampled_from(["train", "eval"]))
def dropout_of_zero_drops_nothing(layer: Layer, learner: Port, size: Size, seed: int, mode: str) -> None:
    """With dropout=0.0, training mode and eval mode give the same output."""
    x = layer.inputs(size, seed)
    module = layer.started(learner, {**size, "dropout": 0.0}, seed)
    expected = expect_any_tensor(module(x))
    module = module.train() if mode == "train" else module.eval()
    expect_same(module(x), expected, f"the output in {mode} mode, compared with before,", **_compared(layer, x))
