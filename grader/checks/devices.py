"""Whether code computes on the device of its input: asked with torch's `meta` device, which every machine has.

Tensors on `meta` have a shape and a dtype, but no numbers. As on a GPU, an operation on tensors of two devices raises
an exception. Code that needs numbers, for example because it goes through a tensor with `.item()`, can't run there, so
nothing can be said about it.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.compare import expect
from grader.port.port import Handle, LearnerRaised, Port

NEEDS_NUMBERS = ("meta tensor", "meta device type tensor", "register_meta")
"""Parts of what torch says if an operation needs numbers that a tensor on `meta` doesn't have."""


def expect_on_another_device(port: Port, make: Callable[[], Handle], what: str = "the output") -> None:
    """Fail unless a result that is computed from things on `meta` is on `meta`, too.

    Args:
        port: the learner's modules.
        make: asks for the result, and keeps it on the far side.
        what: names the result in the message.

    Raises:
        CheckFailure: the result is somewhere else.
        LearnerRaised: the learner's code combines tensors of two devices, or raises something else.
    """
    try:
        got = port.probe("device_of", of=make()).value()
    except LearnerRaised as error:
        if any(part in error.raised.headline for part in NEEDS_NUMBERS):
            return
        raise
    expect(got == "meta", got=f"{what} is on {got}", expected="it is on meta, where its input is")
