"""The last line of defense: a check that falls over a reply has failed, and the grader is not at fault.

A check looks at a reply before it uses it (`expect_tensor`, `expect_items`, ...). Where one doesn't, it raises an
exception that is no verdict, a `TypeError` say. Whose fault that is, the solution decides: if the check passes on it,
the check is sound, and it was the learner's reply that it couldn't use. If it falls over the solution, too, the check
has a mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import hypothesis.errors

from grader.checks.compare import wrong_type
from grader.checks.failure import Cause, CheckFailure
from grader.checks.replies import kind_of
from grader.errors import GraderError
from grader.port import Port
from grader.port.port import Exchange
from grader.text import printable
from grader.wire.plain import Plain
from grader.wire.requests import Answer, Backward, Call, Get

_NEVER_FROM_A_REPLY = (GraderError, OSError, MemoryError, ImportError, hypothesis.errors.HypothesisException)


@dataclass(frozen=True)
class Returned:
    """What a function or method returned, or an attribute held."""

    name: str
    value: Plain


def may_follow_from_a_reply(error: BaseException, port: Port) -> bool:
    """Say whether an exception out of a check's own code can be the work of a reply."""
    return isinstance(error, Exception) and not isinstance(error, _NEVER_FROM_A_REPLY) and bool(port.exchanges)


def stumbled(port: Port, solution: Port | None) -> CheckFailure:
    """Say which reply a check fell over: the last that is of another kind than the solution's.

    Args:
        port: over which the check ran on the learner's module.
        solution: over which it ran on the solution; None if there is no solution.
    """
    kinds = {each.name: kind_of(each.value) for each in _returned(solution.exchanges)} if solution is not None else {}
    replies = list(_returned(port.exchanges))
    odd = [each for each in replies if each.name in kinds and kind_of(each.value) != kinds[each.name]]
    if not replies:
        return CheckFailure(Cause("type", where="this check can't work with what your code does"))
    last = (odd or replies)[-1]
    expected = kinds.get(last.name, "") if odd else ""
    where = f"this check can't work with what `{printable(last.name, 60)}` returned"
    return wrong_type(last.value, expected, where)


def _returned(exchanges: Sequence[Exchange]) -> Iterator[Returned]:
    for exchange in exchanges:
        for request, reply in zip(exchange.requests, exchange.replies, strict=False):
            match request, reply:
                case Call(name=name, keep=0, printed=False), Answer(value=value):
                    yield Returned(name, value)
                case Get(name=name), Answer(value=value) if name:
                    yield Returned(name, value)
                case Backward(name=name), Answer(value={"output": value}):
                    yield Returned(name, value)
