"""The memory: a conversation that was held before is not judged again, and nobody can tell."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
import torch

from grader.course import Course
from grader.course.mistakes import misconceptions, with_misconception
from grader.diagnosis.diagnose import Budget, Diagnoser, Examination, Findings
from grader.learner.far import Far
from grader.learner.limits import TimedFar
from grader.port import LearnerError, LearnerStopped, OtherProcess, Port, Transport, Workspace
from grader.port.port import Deadline
from grader.port.replay import Conversation, Memory, Remembered
from grader.port.transport import Subprocess
from grader.wire.connection import FarSideGone, WorkerConnection
from grader.wire.encoding import Question, Response, decode, encode, pack_requests
from grader.wire.frames import HEADER, Frames
from grader.wire.requests import Reset

Write = Callable[..., Path]

TWICE = "def twice(n):\n    return 2 * n\n"
SHIFTED = "def twice(n):\n    return n << 1\n"
WRONG = "def twice(n):\n    return 2 * n if n < 3 else 0\n"
LOOP = "def twice(n):\n    while n == 2: pass\n    return 2 * n\n"
EXIT = "import os\ndef twice(n):\n    return os._exit(3) if n == 2 else 2 * n\n"
RAISES = "def twice(n):\n    raise ValueError('no ' + str(n))\n"


class Here:
    """A line to objects that live in this process, which is quicker to start."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = Workspace(workspace.files)
        self._far = TimedFar(Far(self._workspace))
        self._answers: list[bytes] = []

    def send(self, frame: bytes, seconds: float) -> None:
        for question in questions_in(frame):
            replies = self._far.answer(question.requests, question.seconds)
            self._answers.append(encode(Response(question.number, replies))[HEADER.size :])

    def receive(self, seconds: float) -> bytes:
        return self._answers.pop(0)

    def end(self) -> str:
        self._workspace.close()
        return ""


class Tapped:
    """A line that writes down what is asked over it."""

    def __init__(self, line: WorkerConnection, sent: list[list[bytes]]) -> None:
        self._line, self._sent = line, sent
        self.receive, self.end = line.receive, line.end

    def send(self, frame: bytes, seconds: float) -> None:
        self._sent.append([pack_requests(question.requests) for question in questions_in(frame)])
        self._line.send(frame, seconds)


class Overheard(OtherProcess):
    """A transport that writes down, for each process, what was sent to it at once."""

    def __init__(self, workspace: Workspace, apart: bool) -> None:
        super().__init__(workspace, self._begin)
        self._kind: Callable[[Workspace], WorkerConnection] = Subprocess if apart else Here
        self.processes: list[list[list[bytes]]] = []

    @property
    def asked(self) -> list[bytes]:
        """What was asked of the last process, in order."""
        return [question for together in self.processes[-1] for question in together]

    def _begin(self, workspace: Workspace) -> WorkerConnection:
        self.processes.append([])
        return Tapped(self._kind(workspace), self.processes[-1])


def questions_in(data: bytes) -> list[Question]:
    """Decode the frames that were sent at once."""
    frames = Frames(io.BytesIO(data).read)
    found = []
    with contextlib.suppress(EOFError):
        while True:
            found.append(decode(frames.next(), Question))
    return found


T = TypeVar("T")


class Asking(Conversation[T]):
    """A conversation as a function holds it."""

    def __init__(
        self,
        about: str,
        transport: Transport,
        run: Callable[[Transport], T],
        seconds: float = 9.0,
        lasts: bool = True,
        forgiven: list[float] | None = None,
    ) -> None:
        self.about, self.transport = (about,), transport
        self._run, self._seconds, self._lasts = run, seconds, lasts
        self._forgiven = [] if forgiven is None else forgiven

    def seconds_left(self) -> float:
        return self._seconds

    def hold(self, transport: Transport) -> T:
        return self._run(transport)

    def lasts(self, outcome: T) -> bool:
        return self._lasts

    def forgive(self, seconds: float) -> None:
        self._forgiven.append(seconds)


class Judging:
    """A little check, and how often it has run."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.runs = 0
        self.forgiven: list[float] = []

    def grader_process(
        self, path: Path, seconds: float = 20.0, apart: bool = False
    ) -> tuple[Remembered[str], list[bytes]]:
        """Judge a module, in a process of its own where it is `apart`; return the outcome and what was asked of it."""
        transport = Overheard(Workspace({"m": path}), apart)
        try:
            return self.judge_over(transport, seconds), transport.asked
        finally:
            transport.close()

    def judge_over(self, transport: Overheard, seconds: float = 20.0, count: int = 5) -> Remembered[str]:
        """Judge a module with so many questions over a transport that stays open."""

        def run(over: Transport) -> str:
            self.runs += 1
            port = Port(over, "m", Deadline(seconds, seconds))
            try:
                for n in range(count):
                    port.begin()
                    if (got := port.call("twice", n)) != 2 * n:
                        # As a check that is shrunk asks more after a failure.
                        return f"twice({n}) is {got}, and twice({n - 1}) is {port.call('twice', n - 1)}"
            except LearnerError as error:
                return f"raised: {error}"
            except LearnerStopped as stopped:
                return f"stopped: {stopped.kind}"
            return "passed"

        return self.memory.outcome(Asking(f"twice {count}", transport, run, seconds, forgiven=self.forgiven))


@pytest.fixture
def judging() -> Judging:
    """Return a check over an empty memory."""
    return Judging(Memory())


def test_what_answers_alike_is_judged_once(judging: Judging, write_module: Write) -> None:
    """Another module that replies bit for bit as one before has its outcome, and no check runs."""
    first, _ = judging.grader_process(write_module(TWICE))
    again, asked = judging.grader_process(write_module(SHIFTED))
    assert (first.value, again.value, judging.runs) == ("passed", "passed", 1)
    assert again is first
    assert len(asked) == 5


def test_without_replay_each_is_judged_and_nothing_is_asked_ahead(write_module: Write) -> None:
    """Switched off, a memory has each conversation held, a question at a time, and outcomes are the same."""
    judging = Judging(Memory(shared=True, replay=False))
    for count in (1, 2):
        transport = Overheard(Workspace({"m": write_module(TWICE)}), apart=False)
        assert judging.judge_over(transport).value == "passed"
        assert [len(at_once) for at_once in transport.processes[0]] == [1] * 5
        transport.close()
        assert judging.runs == count
    assert judging.memory.shared_replies() == b""


@pytest.mark.parametrize("text", [TWICE, WRONG, RAISES])
def test_the_same_is_asked_with_and_without_a_memory(judging: Judging, write_module: Write, text: str) -> None:
    """The learner's side is asked the same, in the same order, whoever was judged before."""
    alone, asked_alone = Judging(Memory()).grader_process(write_module(text))
    for other in (TWICE, WRONG, RAISES):
        judging.grader_process(write_module(other))
    found, asked = judging.grader_process(write_module(text))
    assert (found.value, asked) == (alone.value, asked_alone)
    assert judging.runs == 3


def test_where_a_reply_differs_the_check_runs(judging: Judging, write_module: Write) -> None:
    """One other reply is another conversation; what was replied up to there is not asked again."""
    judging.grader_process(write_module(TWICE))
    wrong, asked = judging.grader_process(write_module(WRONG))
    assert wrong.value == "twice(3) is 0, and twice(2) is 4"
    assert len(asked) == 5
    assert judging.runs == 2
    assert judging.grader_process(write_module(WRONG))[0].value == wrong.value
    assert judging.runs == 2


@pytest.mark.parametrize(("text", "told"), [(LOOP, "stopped: timeout"), (EXIT, "stopped: crash")])
def test_what_does_not_come_back_is_not_remembered(judging: Judging, write_module: Write, text: str, told: str) -> None:
    """How long something takes, and how a process ends, says nothing about the next submission."""
    judging.grader_process(write_module(TWICE))
    found, _ = judging.grader_process(write_module(text), seconds=1.0, apart=True)
    assert (found.value, found.path) == (told, b"")
    judging.grader_process(write_module(text), seconds=1.0, apart=True)
    assert judging.runs == 3
    assert judging.grader_process(write_module(TWICE))[0].value == "passed"
    assert judging.runs == 3


def test_what_is_foreseen_is_asked_at_once(judging: Judging, write_module: Write) -> None:
    """Of one that answers as another has, all is asked without waiting; where two kinds part, only from there on."""
    for text, together in ((TWICE, [1] * 5), (SHIFTED, [5]), (WRONG, [5]), (TWICE, [3, 1, 1]), (WRONG, [3, 1, 1])):
        transport = Overheard(Workspace({"m": write_module(text)}), apart=False)
        judging.judge_over(transport)
        sent = [len(at_once) for at_once in transport.processes[0]]
        transport.close()
        assert sent == together


COUNTS = "calls = 0\ndef twice(n):\n    global calls\n    calls += 1\n    return 2 * n if calls < 8 else calls\n"


def test_questions_too_many_leave_no_trace(judging: Judging, write_module: Write) -> None:
    """One that answers otherwise than foreseen goes on in a process that was asked what it would have been alone."""

    def judged(text: str, by: Judging) -> tuple[list[str], Overheard]:
        transport = Overheard(Workspace({"m": write_module(text)}), apart=False)
        found = [by.judge_over(transport, count=count).value for count in (5, 6, 3)]
        transport.close()
        return found, transport

    alone, alone_over = judged(COUNTS, Judging(Memory()))
    assert alone == ["passed", "twice(2) is 8, and twice(1) is 9", "twice(0) is 10, and twice(-1) is 11"]
    judged(TWICE, judging)
    found, over = judged(COUNTS, judging)
    assert found == alone
    assert over.asked == alone_over.asked
    assert [len(process) for process in alone_over.processes] == [11]
    # Five and six at once; then again, up to the third of the six.
    assert [len(at_once) for at_once in over.processes[0]] == [5, 6]
    assert [len(at_once) for at_once in over.processes[1]] == [8, 1, 1, 1]
    assert [seconds > 0 for seconds in judging.forgiven] == [False, True]


SLOW = "import time\ndef twice(n):\n    time.sleep(1.4 if n == 3 else 0)\n    return 2 * n\n"


def test_what_takes_long_is_not_asked_ahead_a_second_time(judging: Judging, write_module: Write) -> None:
    """A question that takes more than is given ahead gets all of its time by itself, and the outcome is as ever."""
    judging.grader_process(write_module(TWICE))
    transport = Overheard(Workspace({"m": write_module(SLOW)}), apart=True)
    found = judging.judge_over(transport)
    transport.close()
    assert found.value == "passed"
    assert [[len(at_once) for at_once in process] for process in transport.processes] == [[5], [3, 1, 1]]
    assert judging.runs == 1


def test_after_a_question_without_an_end_nothing_is_asked_ahead(judging: Judging, write_module: Write) -> None:
    """To go back, the question would have to be stopped again."""
    transport = Overheard(Workspace({"m": write_module(LOOP)}), apart=True)
    found = judging.judge_over(transport, seconds=0.5)
    transport.close()
    assert found.value == "stopped: timeout"
    assert not transport.asks_ahead


def test_what_would_be_too_much_to_ask_again_is_not_asked_ahead(
    judging: Judging, write_module: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going back takes what was asked before; there is only so much of it."""
    transport = Overheard(Workspace({"m": write_module(TWICE)}), apart=False)
    judging.judge_over(transport)
    assert transport.asks_ahead
    monkeypatch.setattr("grader.port.transport.LOG", 10)
    assert not transport.asks_ahead
    transport.close()


def test_ways_are_forgotten_where_there_are_too_many(
    judging: Judging, write_module: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without room for how conversations went, each question waits for the one before, and outcomes are the same."""
    monkeypatch.setattr("grader.port.replay.WAYS", 100)
    for text in (TWICE, WRONG, TWICE, WRONG):
        transport = Overheard(Workspace({"m": write_module(text)}), apart=False)
        assert judging.judge_over(transport).value.startswith("passed" if text == TWICE else "twice(3)")
        transport.close()
    assert judging.runs == 2


def test_a_full_memory_forgets_and_goes_on(write_module: Write) -> None:
    """Where there is no room for all that was said, outcomes stay the same."""
    judging = Judging(Memory(room=7))
    found = [
        judging.grader_process(write_module(text))[0].value for text in (TWICE, WRONG, TWICE, WRONG, RAISES, TWICE)
    ]
    assert found[0] == found[2] == found[5] == "passed"
    assert found[1] == found[3] == "twice(3) is 0, and twice(2) is 4"


def test_there_is_only_so_much_room_for_replies(write_module: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long conversation whose outcome holds on to it is not kept, and where all are too long, those before go."""
    judging = Judging(Memory(shared=True))
    monkeypatch.setattr("grader.port.replay.LARGEST", 20)
    for _ in range(2):
        assert judging.grader_process(write_module(RAISES))[0].path == b""
    assert judging.runs == 2
    monkeypatch.setattr("grader.port.replay.LARGEST", 4000)
    monkeypatch.setattr("grader.port.replay.ROOM_FOR_ALL", 200)
    for text in (TWICE, RAISES, TWICE, RAISES):
        assert judging.grader_process(write_module(text))[0].path != b""
    assert judging.runs > 4


def test_what_one_judge_knows_another_hears(judging: Judging, write_module: Write) -> None:
    """News hold what was learned since the last, and whoever hears them judges nothing of it again."""
    other = Judging(Memory(shared=True))
    judging.memory = Memory(shared=True)
    right, asked = judging.grader_process(write_module(TWICE))
    other.memory.hear(judging.memory.shared_replies())
    assert judging.memory.shared_replies() == b""
    judging.grader_process(write_module(WRONG))
    shared_replies = judging.memory.shared_replies()
    # What all know to be asked is not told a second time.
    assert asked[0] not in shared_replies
    other.memory.hear(shared_replies)
    for text in (TWICE, SHIFTED, WRONG):
        found, asked_there = other.grader_process(write_module(text))
        assert (found, asked_there) == judging.grader_process(write_module(text))
    assert (judging.runs, other.runs) == (2, 0)
    assert other.memory.shared_replies() == b""
    assert right.value == "passed"


def test_news_of_what_was_forgotten_harm_nothing(write_module: Write) -> None:
    """Who has forgotten what was asked, or never heard it, finds out for itself."""
    first, second = Judging(Memory(shared=True)), Judging(Memory(room=4, shared=True))
    first.grader_process(write_module(TWICE))
    first.memory.shared_replies()
    first.grader_process(write_module(WRONG))
    second.memory.hear(first.memory.shared_replies())
    for text, told in ((WRONG, "twice(3) is 0, and twice(2) is 4"), (TWICE, "passed")):
        assert second.grader_process(write_module(text))[0].value == told
    assert second.runs == 2


def test_what_a_diagnosis_has_found_can_be_told(course: Course, write_module: Write) -> None:
    """Who hears what was found of a module that answers alike names the mistake without asking all the cases again."""
    mistake = next(m for m in misconceptions(course, "layer_norm") if m.name == "unbiased_variance")
    path = write_module(with_misconception(course, "layer_norm", mistake), "layer_norm")
    transport = Overheard(Workspace({"layer_norm": path}), apart=False)
    port = Port(transport, "layer_norm")
    port.build("LayerNorm", 3)(torch.tensor([[1.0, 2.0, 6.0]]))

    def examined(memory: Memory, run: Callable[[Transport], Findings]) -> Remembered[Findings]:
        return memory.outcome(Asking("examination", transport, run))

    with (
        contextlib.closing(Diagnoser(course, "layer_norm")) as one,
        contextlib.closing(Diagnoser(course, "layer_norm")) as other,
    ):
        first, second = Memory(shared=True), Memory(shared=True)
        found = examined(first, one.examine)
        second.hear(first.shared_replies())
        told = examined(second, lambda _: pytest.fail("examined again"))
        assert told.path == found.path
        examinations = [
            Examination(diagnoser, known.value, transport, Budget())
            for diagnoser, known in ((one, found), (other, told))
        ]
        names = [examination.diagnose(mistake.check, port.exchanges) for examination in examinations]
    transport.close()
    assert names[0] == names[1]
    assert names[0] is not None
    assert names[0].names == ("unbiased_variance",)


def test_a_check_that_asks_otherwise_is_run_afresh(write_module: Write) -> None:
    """A check that is no function of the replies gets a conversation of its own, and its outcome is not kept."""
    memory, transport = Memory(), Overheard(Workspace({"m": write_module(TWICE)}), apart=False)

    def asking(first: int) -> Callable[[Transport], str]:
        def run(over: Transport) -> str:
            port = Port(over, "m")
            return f"{port.call('twice', first)} {port.call('twice', 7)}"

        return run

    assert memory.outcome(Asking("odd", transport, asking(1), lasts=False)).value == "2 14"
    found = memory.outcome(Asking("odd", transport, asking(5)))
    assert (found.value, found.path) == ("10 14", b"")


def test_replies_are_looked_into_before_they_count() -> None:
    """What is no reply ends the conversation as it does without a memory, and is not remembered."""

    class Babbling(OtherProcess):
        def ask_packed(self, requests: bytes, seconds: float) -> bytes:
            return b"\xc1"

    def run(over: Transport) -> str:
        with pytest.raises(FarSideGone, match="not an answer"):
            over.ask([Reset(1)], 1.0)
        return "gone"

    assert Memory().outcome(Asking("odd", Babbling(Workspace({})), run, 1.0)).path == b""
