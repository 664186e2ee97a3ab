"""Which slips may explain why a check failed, and what to tell the learner about them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from grader.failures.rows import NONE_TYPE
from grader.port.port import SEED
from grader.port.replay import Conversation
from grader.port.transport import Transport
from grader.text import printable
from grader.wire.connection import FarSideGone
from grader.wire.requests import Answer, AnyRequest, Load, Reset, Slips
from grader.wire.slips import Slip, SlipKind, from_plain

CUT = ("object has no attribute 'backward'", "does not require grad", "object has no attribute 'item'")
"""What Python and torch say of a result that has left the graph."""
SHAPE_ERRORS = ("RuntimeError", "IndexError", "ValueError")
MAX_SHOWN = 100


class SlipsConversation(Conversation[tuple[Slip, ...]]):
    """The question which lines of a module may contain a slip, asked again after each one that turned out to be one."""

    def __init__(self, exercise: str, repaired: Sequence[Slip], transport: Transport, seconds: float) -> None:
        self.about = ("slips", exercise, repr(repaired))
        self.transport = transport
        self._exercise = exercise
        self._end = time.monotonic() + seconds

    def seconds_left(self) -> float:
        return self._end - time.monotonic()

    def hold(self, transport: Transport) -> tuple[Slip, ...]:
        requests: list[AnyRequest] = [Reset(SEED), Load(self._exercise), Slips(self._exercise)]
        try:
            reply = transport.ask(requests, max(self.seconds_left(), 0.0))[-1]
        except FarSideGone:
            return ()
        return from_plain(reply.value) if isinstance(reply, Answer) else ()

    def forgive(self, seconds: float) -> None:
        self._end += seconds


def symptoms_of(problem: str, returned_nothing: bool, is_wrong_type: bool) -> frozenset[SlipKind]:
    """Return the kinds of slip that may make a check fail in this way.

    Args:
        problem: the exception that the learner's code raised, in a line; empty if it raised none.
        returned_nothing: whether it returned None where something was expected.
        is_wrong_type: whether what it returned has another type than expected.
    """
    kinds: set[SlipKind] = set()
    if returned_nothing or NONE_TYPE in problem:
        kinds.add("no_return")
    if is_wrong_type or any(text in problem for text in CUT):
        kinds.add("cut")
    if problem.startswith(SHAPE_ERRORS):
        kinds |= {"transposed", "unflattened"}
    return frozenset(kinds)


def about_slip(slip: Slip) -> list[str]:
    """Say what is wrong in a line, and what to write instead."""
    source, function = f"`{printable(slip.source, MAX_SHOWN)}`", f"`{printable(slip.function, 60)}`"
    match slip.kind:
        case "transposed":
            return [
                f"{source} reverses all dimensions of a tensor, including the batch.",
                "To swap only the last two, write `.transpose(-2, -1)`.",
            ]
        case "cut":
            cut = f"`.{printable(slip.source.rpartition('.')[2], MAX_SHOWN)}`"
            return [f"{cut} takes the value out of the graph, so nothing can be learned from it. Leave it out here."]
        case "unflattened":
            return [
                f"{source} takes logits of shape (n, vocab_size) and targets of shape (n,): one row for each target.",
                "Make one dimension of batch and position first: `logits.flatten(0, 1)` and `targets.flatten()`.",
            ]
        case "no_return":
            return [f"{function} returns nothing. Add a `return` at its end."]
