"""The examples of a check, run again without Hypothesis: faster, and otherwise the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

from grader.checks.examples import Examples
from grader.port import Port, Transport, Workspace
from grader.port.replay import Memory
from tests.kit.test_memory import FunctionConversation, RecordingTransport

Write = Callable[..., Path]
Check = Callable[..., None]

FOUR = "def even(n):\n    return 4 * n\n"
SIX = "def even(n):\n    return 6 * n\n"
ODD_FROM_7 = "def even(n):\n    return 2 * n + (n >= 7)\n"
RAISES_FROM_7 = "def even(n):\n    if n >= 7: raise ValueError(n)\n    return 8 * n\n"

given = hypothesis.settings(max_examples=12, derandomize=True, database=None)


@given
@hypothesis.given(n=st.integers(0, 100), others=st.lists(st.integers(0, 9), max_size=3))
def even(learner: Port, n: int, others: list[int]) -> None:
    """Fail if a number isn't even; like some checks, it uses up what was drawn."""
    learner.begin()
    assert learner.call("even", n) % 2 == 0, f"even({n})"  # type: ignore[operator]
    while others:
        learner.call("even", others.pop())


@given
@hypothesis.given(data=st.data())
def drawing(learner: Port, data: st.DataObject) -> None:
    """Draw while running."""
    n = data.draw(st.integers(0, 100))
    learner.begin()
    assert learner.call("even", n) % 2 == 0, f"even({n})"  # type: ignore[operator]


@given
@hypothesis.given(n=st.integers(0, 100))
def rejecting(learner: Port, n: int) -> None:
    """Reject some examples."""
    hypothesis.assume(n % 3)
    learner.begin()
    assert learner.call("even", n) % 2 == 0, f"even({n})"  # type: ignore[operator]


class Judge:
    """Runs one check on one module after another."""

    def __init__(self, check: Check, write: Write) -> None:
        self.examples = Examples()
        self.memory = Memory()
        self.by_hypothesis = 0
        self._write = write

        def counted(**arguments: Any) -> None:
            self.by_hypothesis += 1
            check(**arguments)

        counted.hypothesis = check.hypothesis  # type: ignore[attr-defined]
        self.check = counted

    def grader_process(self, text: str, plainly: bool = False) -> tuple[str, list[bytes]]:
        """Return what the check said about a module, and everything it asked; `plainly` calls it as pytest does."""
        transport = RecordingTransport(Workspace({"m": self._write(text)}), apart=False)

        def run(over: Transport) -> str:
            port = Port(over, "m")
            try:
                port.begin()
                port.load()
                if plainly:
                    self.check(learner=port)
                else:
                    self.examples.run(self.check, {"learner": port}, over)
            except Exception as error:
                return f"{type(error).__name__}: {str(error).splitlines()[0]}"
            return "passed"

        try:
            return self.memory.outcome(FunctionConversation("check", transport, run, 20.0)).value, transport.asked
        finally:
            transport.close()


@pytest.mark.parametrize("check", [even, drawing, rejecting])
@pytest.mark.parametrize("text", [SIX, ODD_FROM_7, RAISES_FROM_7])
def test_what_is_asked_and_said_is_the_same(write_module: Write, check: Check, text: str) -> None:
    """A check that has passed before asks the next module the same questions as without this, and says the same."""
    alone = Judge(check, write_module).grader_process(text, plainly=True)
    grader_process = Judge(check, write_module)
    assert grader_process.grader_process(FOUR)[0] == "passed"
    assert grader_process.grader_process(text) == alone
    assert alone[0].startswith({SIX: "passed", ODD_FROM_7: "AssertionError: even(7)"}.get(text, "LearnerRaised: "))


@pytest.mark.parametrize(("check", "times"), [(even, 2), (drawing, 4), (rejecting, 4)])
def test_hypothesis_has_no_part_in_what_passes(write_module: Write, check: Check, times: int) -> None:
    """After a first pass, Hypothesis runs only for failures and for examples that can't be had without it."""
    grader_process = Judge(check, write_module)
    verdicts = [
        grader_process.grader_process(text)[0] for text in (FOUR, SIX, "def even(n):\n    return 2\n", ODD_FROM_7)
    ]
    assert verdicts == ["passed", "passed", "passed", "AssertionError: even(7)"]
    assert grader_process.by_hypothesis == times


def test_a_failure_is_no_source_of_examples(write_module: Write) -> None:
    """Examples from before a failure and from shrinking it aren't used for a correct answer."""
    grader_process = Judge(even, write_module)
    assert grader_process.grader_process(ODD_FROM_7)[0] == "AssertionError: even(7)"
    assert grader_process.grader_process(SIX) == Judge(even, write_module).grader_process(SIX)
    assert grader_process.by_hypothesis == 2
