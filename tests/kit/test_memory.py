"""The memory: a conversation that took place before isn't checked again, and the outcome is the same."""

from __future__ import annotations

import contextlib
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
import torch

from grader.course import Course
from grader.course.mistakes import misconception, with_misconception
from grader.diagnosis.diagnose import Budget, Candidates, Diagnoser, Examination, Findings
from grader.learner.far import Far
from grader.learner.limits import TimedFar
from grader.port import LearnerError, LearnerStopped, OtherProcess, Port, Transport, Workspace
from grader.port.local_process import Subprocess
from grader.port.port import Deadline
from grader.port.recent import Recent
from grader.port.replay import Conversation, Memory, Remembered
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


class LocalConnection:
    """A connection to objects in this process, which starts faster."""

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


class RecordingConnection:
    """A connection that records the questions sent over it."""

    def __init__(self, line: WorkerConnection, sent: list[list[bytes]]) -> None:
        self._line, self._sent = line, sent
        self.receive, self.end = line.receive, line.end

    def send(self, frame: bytes, seconds: float) -> None:
        self._sent.append([pack_requests(question.requests) for question in questions_in(frame)])
        self._line.send(frame, seconds)


class RecordingTransport(OtherProcess):
    """A transport that records, for each process, which questions were sent to it together."""

    def __init__(self, workspace: Workspace, apart: bool) -> None:
        super().__init__(workspace, self._begin)
        self._kind: Callable[[Workspace], WorkerConnection] = Subprocess if apart else LocalConnection
        self.processes: list[list[list[bytes]]] = []

    @property
    def asked(self) -> list[bytes]:
        """The questions that the last process was asked, in order."""
        return [question for together in self.processes[-1] for question in together]

    def _begin(self, workspace: Workspace) -> WorkerConnection:
        self.processes.append([])
        return RecordingConnection(self._kind(workspace), self.processes[-1])


def questions_in(data: bytes) -> list[Question]:
    """Decode the frames that were sent together."""
    frames = Frames(io.BytesIO(data).read)
    questions = []
    with contextlib.suppress(EOFError):
        while True:
            questions.append(decode(frames.next(), Question))
    return questions


T = TypeVar("T")


class FunctionConversation(Conversation[T]):
    """A conversation that a function conducts."""

    def __init__(
        self,
        about: str,
        transport: Transport,
        run: Callable[[Transport], T],
        seconds: float = 9.0,
        lasts: bool = True,
        forgiven: list[float] | None = None,
        size: int = 0,
    ) -> None:
        self.about, self.transport = (about,), transport
        self._run, self._seconds, self._lasts = run, seconds, lasts
        self._forgiven = [] if forgiven is None else forgiven
        self._size = size

    def seconds_left(self) -> float:
        return self._seconds

    def hold(self, transport: Transport) -> T:
        return self._run(transport)

    def lasts(self, outcome: T) -> bool:
        return self._lasts

    def kept(self, outcome: T, replies: int) -> int:
        return self._size

    def forgive(self, seconds: float) -> None:
        self._forgiven.append(seconds)


class CountedCheck:
    """A small check that counts how often it runs."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.runs = 0
        self.size = 0
        self.forgiven: list[float] = []

    def run_on(self, path: Path, seconds: float = 20.0, apart: bool = False) -> tuple[Remembered[str], list[bytes]]:
        """Check a module, in a separate process if `apart`; return the outcome and the questions it was asked."""
        transport = RecordingTransport(Workspace({"m": path}), apart)
        try:
            return self.run_over(transport, seconds), transport.asked
        finally:
            transport.close()

    def run_over(self, transport: RecordingTransport, seconds: float = 20.0, count: int = 5) -> Remembered[str]:
        """Check a module with `count` questions over a transport that stays open."""

        def run(over: Transport) -> str:
            self.runs += 1
            port = Port(over, "m", Deadline(seconds, seconds))
            try:
                for n in range(count):
                    port.begin()
                    if (got := port.call("twice", n)) != 2 * n:
                        # Shrinking a check asks more questions after a failure, and so does this.
                        return f"twice({n}) is {got}, and twice({n - 1}) is {port.call('twice', n - 1)}"
            except LearnerError as error:
                return f"raised: {error}"
            except LearnerStopped as stopped:
                return f"stopped: {stopped.kind}"
            return "passed"

        return self.memory.outcome(
            FunctionConversation(f"twice {count}", transport, run, seconds, forgiven=self.forgiven, size=self.size)
        )


@pytest.fixture
def counted() -> CountedCheck:
    """Return a check with an empty memory."""
    return CountedCheck(Memory())


def test_modules_that_answer_alike_are_checked_once(counted: CountedCheck, write_module: Write) -> None:
    """A module that replies bit for bit like an earlier one gets its outcome, and the check doesn't run."""
    first, _ = counted.run_on(write_module(TWICE))
    again, asked = counted.run_on(write_module(SHIFTED))
    assert (first.value, again.value, counted.runs) == ("passed", "passed", 1)
    assert again is first
    assert len(asked) == 5


def test_without_replay_each_is_checked_and_nothing_is_asked_ahead(write_module: Write) -> None:
    """With replay off, each conversation takes place, one question at a time, and the outcomes are the same."""
    counted = CountedCheck(Memory(shared=True, replay=False))
    for count in (1, 2):
        transport = RecordingTransport(Workspace({"m": write_module(TWICE)}), apart=False)
        assert counted.run_over(transport).value == "passed"
        assert [len(at_once) for at_once in transport.processes[0]] == [1] * 5
        transport.close()
        assert counted.runs == count
    assert counted.memory.shared_replies() == b""


@pytest.mark.parametrize("text", [TWICE, WRONG, RAISES])
def test_the_questions_are_the_same_with_and_without_a_memory(
    counted: CountedCheck, write_module: Write, text: str
) -> None:
    """The learner's side gets the same questions in the same order, whatever was checked before."""
    alone, asked_alone = CountedCheck(Memory()).run_on(write_module(text))
    for other in (TWICE, WRONG, RAISES):
        counted.run_on(write_module(other))
    remembered, asked = counted.run_on(write_module(text))
    assert (remembered.value, asked) == (alone.value, asked_alone)
    assert counted.runs == 3


def test_if_a_reply_differs_the_check_runs(counted: CountedCheck, write_module: Write) -> None:
    """A different reply makes the check run, but the questions answered before it aren't asked again."""
    counted.run_on(write_module(TWICE))
    wrong, asked = counted.run_on(write_module(WRONG))
    assert wrong.value == "twice(3) is 0, and twice(2) is 4"
    assert len(asked) == 5
    assert counted.runs == 2
    assert counted.run_on(write_module(WRONG))[0].value == wrong.value
    assert counted.runs == 2


@pytest.mark.parametrize(("text", "expected"), [(LOOP, "stopped: timeout"), (EXIT, "stopped: crash")])
def test_timeouts_and_crashes_are_not_remembered(
    counted: CountedCheck, write_module: Write, text: str, expected: str
) -> None:
    """A timeout or a crash isn't remembered, because it says nothing about the next submission."""
    counted.run_on(write_module(TWICE))
    remembered, _ = counted.run_on(write_module(text), seconds=1.0, apart=True)
    assert (remembered.value, remembered.path) == (expected, b"")
    counted.run_on(write_module(text), seconds=1.0, apart=True)
    assert counted.runs == 3
    assert counted.run_on(write_module(TWICE))[0].value == "passed"
    assert counted.runs == 3


def test_expected_questions_are_asked_together(counted: CountedCheck, write_module: Write) -> None:
    """Expected questions are sent together; where known conversations part, the next ones wait for the reply."""
    for text, together in ((TWICE, [1] * 5), (SHIFTED, [5]), (WRONG, [5]), (TWICE, [3, 1, 1]), (WRONG, [3, 1, 1])):
        transport = RecordingTransport(Workspace({"m": write_module(text)}), apart=False)
        counted.run_over(transport)
        sent = [len(at_once) for at_once in transport.processes[0]]
        transport.close()
        assert sent == together


COUNTS = "calls = 0\ndef twice(n):\n    global calls\n    calls += 1\n    return 2 * n if calls < 8 else calls\n"


def test_superfluous_questions_leave_no_trace(counted: CountedCheck, write_module: Write) -> None:
    """If replies differ from the expected ones, it continues in a process that got no more questions than without it."""

    def values_and_transport(text: str, by: CountedCheck) -> tuple[list[str], RecordingTransport]:
        transport = RecordingTransport(Workspace({"m": write_module(text)}), apart=False)
        values = [by.run_over(transport, count=count).value for count in (5, 6, 3)]
        transport.close()
        return values, transport

    alone, alone_over = values_and_transport(COUNTS, CountedCheck(Memory()))
    assert alone == ["passed", "twice(2) is 8, and twice(1) is 9", "twice(0) is 10, and twice(-1) is 11"]
    values_and_transport(TWICE, counted)
    outcomes, over = values_and_transport(COUNTS, counted)
    assert outcomes == alone
    assert over.asked == alone_over.asked
    assert [len(process) for process in alone_over.processes] == [11]
    # Five and six together; then once more in a new process, up to the third of the six.
    assert [len(at_once) for at_once in over.processes[0]] == [5, 6]
    assert [len(at_once) for at_once in over.processes[1]] == [8, 1, 1, 1]
    assert [seconds > 0 for seconds in counted.forgiven] == [False, True]


SLOW = "import time\ndef twice(n):\n    time.sleep(1.4 if n == 3 else 0)\n    return 2 * n\n"


def test_a_slow_question_is_not_asked_ahead_again(counted: CountedCheck, write_module: Write) -> None:
    """A question that is too slow to be asked ahead gets its full time by itself, and the outcome is the same."""
    counted.run_on(write_module(TWICE))
    transport = RecordingTransport(Workspace({"m": write_module(SLOW)}), apart=True)
    remembered = counted.run_over(transport)
    transport.close()
    assert remembered.value == "passed"
    assert [[len(at_once) for at_once in process] for process in transport.processes] == [[5], [3, 1, 1]]
    assert counted.runs == 1


def test_after_an_endless_question_nothing_is_asked_ahead(counted: CountedCheck, write_module: Write) -> None:
    """After an endless question nothing is asked ahead, because going back would mean stopping it again."""
    transport = RecordingTransport(Workspace({"m": write_module(LOOP)}), apart=True)
    remembered = counted.run_over(transport, seconds=0.5)
    transport.close()
    assert remembered.value == "stopped: timeout"
    assert not transport.ahead.is_worthwhile


def test_nothing_is_asked_ahead_if_going_back_costs_too_much(
    counted: CountedCheck, write_module: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If repeating the earlier questions would take too much, nothing is asked ahead."""
    transport = RecordingTransport(Workspace({"m": write_module(TWICE)}), apart=False)
    counted.run_over(transport)
    assert transport.ahead.is_worthwhile
    monkeypatch.setattr("grader.port.asking_ahead.LOG", 10)
    assert not transport.ahead.is_worthwhile
    transport.close()


def test_conversations_are_forgotten_if_there_are_too_many(
    counted: CountedCheck, write_module: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If there is no room for known conversations, each question waits for the last, and the outcomes are the same."""
    monkeypatch.setattr("grader.port.replay.ROOM_FOR_TRAILS", 100)
    for text in (TWICE, WRONG, TWICE, WRONG):
        transport = RecordingTransport(Workspace({"m": write_module(text)}), apart=False)
        assert counted.run_over(transport).value.startswith("passed" if text == TWICE else "twice(3)")
        transport.close()
    assert counted.runs == 2


def test_a_full_memory_forgets_and_goes_on(write_module: Write) -> None:
    """If there isn't enough room for all conversations, outcomes stay the same."""
    counted = CountedCheck(Memory(room=7))
    values = [counted.run_on(write_module(text))[0].value for text in (TWICE, WRONG, TWICE, WRONG, RAISES, TWICE)]
    assert values[0] == values[2] == values[5] == "passed"
    assert values[1] == values[3] == "twice(3) is 0, and twice(2) is 4"


def test_what_was_used_lately_is_kept() -> None:
    """What nobody asks for is forgotten in time, and what somebody asks for again and again is not."""
    recent = Recent[int](room=8, size=100, size_of=lambda value: 0)
    recent.put(b"often", 1)
    for number in range(20):
        recent.put(b"%d" % number, number)
        assert recent.get(b"often") == 1
        assert len(recent) <= 8
    assert [recent.get(key) for key in (b"3", b"19", b"never")] == [None, 19, None]
    assert b"19" in recent


def test_the_bytes_of_what_is_kept_are_limited() -> None:
    """Large values leave less room; a value that is used again still counts with its size."""
    recent = Recent[str](room=1000, size=100, size_of=len)
    large, another, third = 40 * "x", 40 * "y", 40 * "z"
    recent.put(b"large", large)
    recent.put(b"another", another)
    assert recent.get(b"large") == large
    recent.put(b"third", third)
    assert recent.get(b"another") is None
    assert (recent.get(b"third"), recent.get(b"large")) == (third, large)
    recent.put(b"too large", 51 * "x")
    assert b"too large" not in recent
    for _ in range(9):
        recent.put(b"large", large)
    assert recent.get(b"third") == third


def test_the_bytes_of_questions_are_limited(write_module: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was learned and what other memories tell is forgotten in time, and each check has the same outcome."""
    monkeypatch.setattr("grader.port.replay.ROOM_FOR_QUESTIONS", 450)
    counted, other = CountedCheck(Memory(shared=True)), CountedCheck(Memory(shared=True))
    questions = set[bytes]()
    for text in (TWICE, WRONG, RAISES):
        for each in (counted, other):
            remembered, asked = each.run_on(write_module(text))
            assert remembered.value == CountedCheck(Memory()).run_on(write_module(text))[0].value
            questions.update(asked)
            assert 0 < sum(map(len, _questions(each.memory))) <= 450 < sum(map(len, questions))
        other.memory.hear(counted.memory.shared_replies())
        assert sum(map(len, _questions(other.memory))) <= 450
    assert counted.run_on(write_module(TWICE))[0].value == "passed"


def test_a_question_that_is_too_large_is_asked_again(write_module: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that can't be reached again is kept."""
    monkeypatch.setattr("grader.port.replay.ROOM_FOR_QUESTIONS", 20)
    counted = CountedCheck(Memory(shared=True))
    for _ in range(2):
        remembered, _ = counted.run_on(write_module(TWICE))
        assert remembered == Remembered("passed", b"")
    assert counted.runs == 2
    assert counted.memory.shared_replies() == b""


def test_a_question_that_was_forgotten_is_shared_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others, who may have forgotten it, too, are told once more when it's learned once more."""
    monkeypatch.setattr("grader.port.replay.ROOM_FOR_QUESTIONS", 100)
    memory = Memory(shared=True)
    told = []
    for question in (b"first", b"first", 40 * b"x", 40 * b"y", 40 * b"z", b"first"):
        assert memory.learn(question, question)
        told.append(b"first" in pickle.loads(memory.shared_replies())[0].values())
    assert told == [True, False, False, False, False, True]


def _questions(memory: Memory) -> list[bytes]:
    recent = memory._requests
    return [*recent._newer.values(), *recent._older.values()]


def test_the_room_for_replies_is_limited(write_module: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outcome that keeps too much isn't remembered, and of all that together keep too much, earlier ones go."""
    monkeypatch.setattr("grader.port.replay.LARGEST", 60)
    monkeypatch.setattr("grader.port.replay.ROOM_FOR_ALL", 100)
    counted = CountedCheck(Memory())
    for size, runs in ((61, 6), (40, 6), (0, 3)):
        counted.memory, counted.size, counted.runs = Memory(), size, 0
        for _ in range(2):
            for text in (TWICE, RAISES, WRONG):
                assert (counted.run_on(write_module(text))[0].path == b"") == (size == 61)
        assert counted.runs == runs


def test_memories_share_what_they_learn(counted: CountedCheck, write_module: Write) -> None:
    """Shared replies contain what is new since the last time, and a memory that gets them doesn't check it again."""
    other = CountedCheck(Memory(shared=True))
    counted.memory = Memory(shared=True)
    right, asked = counted.run_on(write_module(TWICE))
    other.memory.hear(counted.memory.shared_replies())
    assert counted.memory.shared_replies() == b""
    counted.run_on(write_module(WRONG))
    shared_replies = counted.memory.shared_replies()
    # Questions that every memory knows aren't shared a second time.
    assert asked[0] not in shared_replies
    other.memory.hear(shared_replies)
    for text in (TWICE, SHIFTED, WRONG):
        remembered, asked_there = other.run_on(write_module(text))
        assert (remembered, asked_there) == counted.run_on(write_module(text))
    assert (counted.runs, other.runs) == (2, 0)
    assert other.memory.shared_replies() == b""
    assert right.value == "passed"


def test_shared_replies_about_forgotten_questions_do_no_harm(write_module: Write) -> None:
    """A memory that has forgotten the questions, or never got them, runs the check itself."""
    first, second = CountedCheck(Memory(shared=True)), CountedCheck(Memory(room=4, shared=True))
    first.run_on(write_module(TWICE))
    first.memory.shared_replies()
    first.run_on(write_module(WRONG))
    second.memory.hear(first.memory.shared_replies())
    for text, expected in ((WRONG, "twice(3) is 0, and twice(2) is 4"), (TWICE, "passed")):
        assert second.run_on(write_module(text))[0].value == expected
    assert second.runs == 2


def test_the_findings_of_a_diagnosis_can_be_shared(course: Course, write_module: Write) -> None:
    """With shared findings about an equal module, a mistake is named without asking all the cases again."""
    mistake = misconception(course, "layer_norm", "unbiased_variance")
    path = write_module(with_misconception(course, "layer_norm", mistake), "layer_norm")
    transport = RecordingTransport(Workspace({"layer_norm": path}), apart=False)
    port = Port(transport, "layer_norm")
    port.build("LayerNorm", 3)(torch.tensor([[1.0, 2.0, 6.0]]))

    def examined(memory: Memory, run: Callable[[Transport], Findings]) -> Remembered[Findings]:
        return memory.outcome(FunctionConversation("examination", transport, run))

    with (
        contextlib.closing(Diagnoser(course, "layer_norm")) as first_diagnoser,
        contextlib.closing(Diagnoser(course, "layer_norm")) as second_diagnoser,
    ):
        first, second = Memory(shared=True), Memory(shared=True)
        findings = examined(first, first_diagnoser.examine)
        second.hear(first.shared_replies())
        received = examined(second, lambda _: pytest.fail("examined again"))
        assert received.path == findings.path
        examinations = [
            Examination(diagnoser, Candidates(diagnoser, known.value), transport, Budget())
            for diagnoser, known in ((first_diagnoser, findings), (second_diagnoser, received))
        ]
        names = [examination.diagnose(mistake.check, port.exchanges) for examination in examinations]
    transport.close()
    assert names[0] == names[1]
    assert names[0] is not None
    assert names[0].names == ("unbiased_variance",)


def test_a_check_that_asks_something_else_runs_again(write_module: Write) -> None:
    """If a check asks other questions after the same replies, it runs again, and its outcome isn't kept."""
    memory, transport = Memory(), RecordingTransport(Workspace({"m": write_module(TWICE)}), apart=False)

    def asking(first: int) -> Callable[[Transport], str]:
        def run(over: Transport) -> str:
            port = Port(over, "m")
            return f"{port.call('twice', first)} {port.call('twice', 7)}"

        return run

    assert memory.outcome(FunctionConversation("odd", transport, asking(1), lasts=False)).value == "2 14"
    remembered = memory.outcome(FunctionConversation("odd", transport, asking(5)))
    assert (remembered.value, remembered.path) == ("10 14", b"")


def test_replies_are_validated_before_they_count() -> None:
    """An invalid reply ends the conversation as it would without a memory, and isn't remembered."""

    class Invalid(OtherProcess):
        def ask_packed(self, requests: bytes, seconds: float) -> bytes:
            return b"\xc1"

    def run(over: Transport) -> str:
        with pytest.raises(FarSideGone, match="not an answer"):
            over.ask([Reset(1)], 1.0)
        return "gone"

    assert Memory().outcome(FunctionConversation("odd", Invalid(Workspace({})), run, 1.0)).path == b""
