"""The port: the same questions get the same answers over both transports."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tiktoken import registry

from grader.learner import late_imports as imports
from grader.learner.far import Far
from grader.learner.limits import TimedFar, TimeIsUp, limited
from grader.learner.processor import CLOCK, ProcessorClock
from grader.port import (
    Deadline,
    LearnerMisfit,
    LearnerMissing,
    LearnerRaised,
    LearnerStopped,
    NotStarted,
    Opaque,
    OtherProcess,
    Port,
    Workspace,
)
from grader.wire.encoding import pack_requests
from grader.wire.requests import Answer, Call, Probe, Stopped

Connect = Callable[..., Port]
Write = Callable[..., Path]

LINEAR = """
    import torch
    from torch import nn

    class Layer(nn.Module):
        def __init__(self, width, bias=True):
            super().__init__()
            if width < 1:
                raise ValueError("width is at least 1")
            self.weight = nn.Parameter(torch.zeros(width))
            self.bias = nn.Parameter(torch.zeros(width)) if bias else None
            self.drop = nn.Dropout(1.0)

        def forward(self, x):
            return self.drop(x) * self.weight + self.bias
    """


def test_plain_data_comes_back_unchanged(connect: Connect, write_module: Write) -> None:
    """Values come back with exactly the same types: tuples, bytes, dicts with int and bytes keys, large numbers."""
    port = connect(write_module("def same(x):\n    return x\n"))
    data = [None, True, 3, -(2**63), 2.5, "ü\n", b"\x00\xff", (1, (2,)), {1: b"a", b"k": [()], (1, "t"): None}, [], {}]
    got = port.call("same", data)
    assert got == data
    assert [type(item) for item in got] == [type(item) for item in data]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.int64, torch.bool, torch.uint8, torch.bfloat16])
def test_tensors_come_back_unchanged(connect: Connect, write_module: Write, dtype: torch.dtype) -> None:
    """A tensor comes back with the same shape, dtype and values, even an empty one or a scalar."""
    port = connect(write_module("def same(x):\n    return x\n"))
    for shape in [(2, 3), (), (0, 4), (1,)]:
        x = (torch.arange(6)[: torch.Size(shape).numel()] % 2).reshape(shape).to(dtype)
        got = port.call("same", x)
        assert got.dtype == dtype
        assert torch.equal(got, x)


def test_arrays_come_back_unchanged(connect: Connect, write_module: Write) -> None:
    """An array comes back with the same shape, dtype and values, even an empty one or one without dimensions."""
    port = connect(write_module("def same(x):\n    return x\n"))
    for dtype in ("float64", "float32", "float16", "int64", "int32", "uint8", "bool"):
        for shape in [(2, 3), (), (0, 4), (1,)]:
            x = (np.arange(6)[: int(np.prod(shape))] % 2).reshape(shape).astype(dtype)
            got = port.call("same", {"x": (x,)})["x"][0]
            assert type(got) is np.ndarray
            assert (got.dtype, got.shape) == (x.dtype, shape)
            assert np.array_equal(got, x)


def test_arrays_share_no_memory_and_have_one_order(connect: Connect, write_module: Write) -> None:
    """Any view comes back as a copy in row-major order and this machine's byte order."""
    port = connect(
        write_module("""
            import numpy as np

            kept = np.arange(6.0)

            def give():
                return [kept.reshape(2, 3).T, kept[::-2], kept.astype(">f8"), np.broadcast_to(1.5, (2, 2))]

            def first():
                return kept[0]
            """)
    )
    turned, backwards, swapped, spread = port.call("give")
    assert turned.tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    assert backwards.tolist() == [5.0, 3.0, 1.0]
    assert swapped.dtype.isnative
    assert swapped.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert spread.tolist() == [[1.5, 1.5], [1.5, 1.5]]
    assert all(array.flags.c_contiguous and array.flags.writeable for array in (turned, backwards, swapped, spread))
    turned[0, 0] = 9.0
    assert port.call("first") == 0.0


def test_arrays_of_other_things_arrive_as_opaque(connect: Connect, write_module: Write) -> None:
    """Arrays of objects, texts, dates or records, other array classes and huge arrays don't count as plain data."""
    port = connect(
        write_module("""
            import numpy as np

            class Liar(np.ndarray):
                def __array__(self, *args, **kwargs): raise SystemExit
                def __getattribute__(self, name): raise SystemExit
                def __reduce__(self): raise SystemExit

            class Pretender:
                dtype, shape, ndim, nbytes = np.dtype("float64"), (2,), 1, 16
                __class__ = np.ndarray
                def __array__(self, *args, **kwargs): return np.zeros(2)
                __array_interface__ = {"shape": (2,), "typestr": "<f8", "data": (8, False), "version": 3}

            class Always(type):
                def __eq__(self, other): return True
                def __hash__(self): return hash(np.float64)

            class Number(metaclass=Always):
                __module__, __qualname__ = "numpy", "float64"
                def item(self): return object()

            Number.__name__ = "float64"

            def give():
                return [
                    np.zeros(2).view(Liar), Pretender(), np.ma.masked_array([1.0], [True]),
                    np.array([object(), 1], dtype=object), np.array(["a"]), np.array(["2027-01-31"], dtype="M8[D]"),
                    np.zeros(2, dtype=[("a", "f8"), ("b", "i4")]), np.zeros(1, dtype=complex), np.zeros(1, dtype="u8"),
                    np.zeros(1, dtype=np.longdouble), np.broadcast_to(1.0, (2**20, 2**20)),
                ]
            """)
    )
    answer = port.call("give")
    assert len(answer) == 11
    assert all(isinstance(value, Opaque) for value in answer)
    assert str(answer[3]) == "an array with dtype object"
    assert len({str(value) for value in answer}) == len(answer)


def test_numpys_numbers_become_pythons(connect: Connect, write_module: Write) -> None:
    """NumPy's scalars become Python numbers; an object that only looks like one isn't asked for its value."""
    port = connect(
        write_module("""
            import numpy as np

            class Number:
                def item(self): raise SystemExit

            Number.__module__, Number.__name__ = "numpy", "float64"

            def give():
                return [np.mean([1, 2]), np.float32(0.5), np.int64(3), np.uint8(4), np.bool_(True), Number()]
            """)
    )
    answer = port.call("give")
    assert answer == [1.5, 0.5, 3, 4, True, Opaque("numpy.float64")]
    assert [type(value) for value in answer[:5]] == [float, float, int, int, bool]


def test_attributes_are_read_by_name(connect: Connect, write_module: Write) -> None:
    """An attribute comes as plain data; if it is missing, the message lists those that exist."""
    port = connect(
        write_module("""
            import numpy as np

            class Model:
                def fit(self, x):
                    self.w_ = x.sum(axis=0)
                    self.losses_ = [x.mean(), 1]
                    return self

                @property
                def odd(self): raise ZeroDivisionError("odd")
            """)
    )
    model = port.build("Model")
    fitted = model.keep("fit", np.ones((2, 3)))
    assert fitted.attribute("w_").tolist() == [2.0, 2.0, 2.0]
    assert model.attribute("losses_") == [1.0, 1]
    with pytest.raises(LearnerMissing, match=r"no `Model\.b_` in thing\.py; found: losses_, w_"):
        model.attribute("b_")
    with pytest.raises(LearnerRaised, match="ZeroDivisionError: odd"):
        model.attribute("odd")


def test_other_objects_arrive_as_their_type_names(connect: Connect, write_module: Write) -> None:
    """Objects, subclasses and huge numbers aren't plain data; NumPy's scalars become Python numbers."""
    port = connect(
        write_module("""
            import numpy as np, torch

            class Liar(int):
                def __eq__(self, other): return True

            def give():
                return [Liar(3), object(), {1, 2}, np.float64(0.5), 2**70, "\\ud800", torch.zeros(2).to_sparse()]
            """)
    )
    liar, instance, group, number, big, text, sparse = port.call("give")
    assert number == 0.5
    assert type(number) is float
    assert all(isinstance(value, Opaque) for value in (liar, instance, group, big, text, sparse))
    assert str(liar) == "an object of type Liar"


def test_parameters_are_listed_and_set_by_name(connect: Connect, write_module: Write) -> None:
    """Parameters are listed by name, and the values that you set are used."""
    layer = connect(write_module(LINEAR)).build("Layer", width=2)
    assert {name: info.trainable for name, info in layer.parameters().items()} == {"weight": True, "bias": True}
    layer.eval().set_parameters({"weight": torch.tensor([2.0, 3.0]), "bias": torch.ones(2)})
    assert layer(torch.ones(2)).tolist() == [3.0, 4.0]
    assert layer.train()(torch.ones(2)).tolist() == [1.0, 1.0]
    assert layer.double()(torch.ones(2, dtype=torch.float64)).dtype == torch.float64


def test_parameters_that_do_not_fit_are_reported(connect: Connect, write_module: Write) -> None:
    """If a parameter is missing or has another shape, the learner's failure names the parameter or both shapes."""
    port = connect(write_module(LINEAR))
    with pytest.raises(LearnerMisfit, match="no parameter `scale`"):
        port.build("Layer", width=2).set_parameters({"scale": torch.ones(2)})(torch.ones(2))
    with pytest.raises(LearnerMisfit, match=r"shape \(2,\), expected \(3,\)"):
        port.build("Layer", width=2).set_parameters({"weight": torch.ones(3)})(torch.ones(2))


def test_gradients_of_input_and_parameters(connect: Connect, write_module: Write) -> None:
    """One question returns the gradients of inputs and parameters, and doesn't affect the next one."""
    layer = connect(write_module(LINEAR)).build("Layer", width=2).eval()
    layer.set_parameters({"weight": torch.tensor([2.0, 3.0])})
    for _ in range(2):
        got = layer.gradients(torch.tensor([[1.0, 5.0]]), upstream=torch.tensor([[1.0, 10.0]]))
        assert got.inputs[0].tolist() == [[2.0, 30.0]]
        assert got.parameters["weight"].tolist() == [1.0, 50.0]


def test_gradients_of_a_function_without_a_module(connect: Connect, write_module: Write) -> None:
    """A function of its arguments only gives gradients for those that are floating-point tensors."""
    port = connect(write_module("def product(x, y):\n    return x * y\n"))
    gradients = port.gradients("product", torch.tensor([2.0, 3.0]), torch.tensor([5, 7]))
    assert gradients.inputs[0].tolist() == [5.0, 7.0]
    assert gradients.inputs[1] is None
    assert gradients.parameters == {}


def test_a_result_without_a_graph_has_no_gradients(connect: Connect, write_module: Write) -> None:
    """A detached output is a valid answer: there are no gradients."""
    port = connect(write_module(LINEAR + "\n\n    def cut(layer, x):\n        return layer(x).detach()\n"))
    layer = port.build("Layer", width=1)
    got = port.gradients("cut", layer, torch.ones(1), of=layer)
    assert got.inputs == (None, None)
    assert got.parameters == {"weight": None, "bias": None}


def test_an_optimizer_changes_the_parameters_of_a_probe(connect: Connect, write_module: Write) -> None:
    """An optimizer gets a probe's own parameters, the gradients of the check, and options that change in between."""
    port = connect(write_module("import torch\nclass SGD(torch.optim.SGD):\n    pass\n"))
    port.begin()
    weights = port.probe("Weights", values={"a": torch.ones(2), "b": torch.ones(())})
    groups = [{"params": weights.keep("named", "a")}, {"params": weights.keep("named", "b"), "lr": 0.5}]
    optimizer = port.build("SGD", params=groups, lr=1.0)
    weights.keep("receive", {"a": torch.tensor([0.25, 0.5]), "b": torch.tensor(1.0)})
    optimizer.keep("step")
    port.probe("param_group", optimizer=optimizer, index=0).keep("update", {"lr": 2.0})
    weights.keep("receive", {"a": torch.tensor([0.25, 0.0])})
    optimizer.keep("step")
    assert {name: value.value.tolist() for name, value in weights.parameters().items()} == {"a": [0.25, 0.5], "b": 0.5}
    gradients = weights.call("gradients")
    assert gradients["a"].tolist() == [0.25, 0.0]
    assert gradients["b"] is None


def test_kept_values_show_changes(connect: Connect, write_module: Write) -> None:
    """You can look at a kept input after the call, and a strided one isn't contiguous."""
    port = connect(write_module("def spoil(x):\n    x += 1\n    return x.is_contiguous()\n"))
    ours = torch.zeros(2, 3)
    kept = port.put(ours, strided=True)
    assert port.call("spoil", kept) is False
    assert kept.value().tolist() == [[1.0] * 3] * 2
    assert ours.sum() == 0


def test_kept_arrays_show_changes(connect: Connect, write_module: Write) -> None:
    """A kept array shows what the learner did to it, and the check's own array stays unchanged."""
    port = connect(write_module("def spoil(x):\n    x += 1\n    return x.flags.c_contiguous\n"))
    for ours in (np.zeros((2, 3)), np.zeros(3)):
        kept = port.put(ours, strided=True)
        assert port.call("spoil", kept) is False
        assert np.array_equal(kept.value(), ours + 1)
        assert ours.sum() == 0


def test_the_learner_cannot_reach_the_checks_copies(connect: Connect, write_module: Write) -> None:
    """Arguments are copies: writing into them changes nothing in the check."""
    port = connect(write_module("def spoil(x, y):\n    x.zero_()\n    y.clear()\n"))
    x, y = torch.ones(2), [1]
    port.call("spoil", x, y)
    assert x.tolist() == [1.0, 1.0]
    assert y == [1]


def test_exceptions_arrive_with_type_text_and_line(connect: Connect, write_module: Write) -> None:
    """An exception arrives with its type, its bases, its text and the learner's line."""
    port = connect(write_module("class Odd(ValueError): pass\n\ndef go():\n    raise Odd('so')\n"))
    with pytest.raises(LearnerRaised, match="Odd: so") as raised:
        port.call("go")
    assert raised.value.raised.types[:2] == ["Odd", "ValueError"]
    frame = raised.value.raised.frames[-1]
    assert (frame.module, frame.line, frame.function, frame.source) == ("thing", 4, "go", "raise Odd('so')")


def test_a_syntax_error_names_its_line(connect: Connect, write_module: Write) -> None:
    """A module with a syntax error fails when it is first used, and the error has its line."""
    port = connect(write_module("x = 1\ndef (:\n"))
    with pytest.raises(LearnerRaised) as raised:
        port.load()
    assert raised.value.raised.types[0] == "SyntaxError"
    assert raised.value.raised.frames[-1].line == 2


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"\xff\xfe junk", b"def f():\n\treturn 1\n        return 2\n"])
def test_files_that_are_not_python_are_failures(connect: Connect, tmp_path: Path, content: bytes) -> None:
    """Binary and badly encoded files raise like any other mistake."""
    path = tmp_path / "thing.py"
    path.write_bytes(content)
    with pytest.raises(LearnerRaised):
        connect(path).load()


def test_missing_names_are_reported_with_the_existing_ones(connect: Connect, write_module: Write) -> None:
    """If a class is missing, the message names it and the ones that exist."""
    port = connect(write_module("class Other: pass\n"))
    with pytest.raises(LearnerMissing, match=r"no `Wanted` in thing\.py; found: Other"):
        port.call("Wanted")


def test_modules_reach_one_another_by_relative_import(connect: Connect, write_module: Write) -> None:
    """`from .other import name` works, and no bytecode is written next to the files."""
    other = write_module("def one():\n    return 1\n", "other")
    port = connect(write_module("from .other import one\n\ndef two():\n    return one() + 1\n"), other)
    assert port.call("two") == 2
    assert sorted(path.name for path in other.parent.iterdir()) == ["other.py", "thing.py"]


def test_a_stub_is_not_a_mistake(connect: Connect, write_module: Write) -> None:
    """NotImplementedError means not started, and the exception says in which module."""
    other = write_module("def one():\n    raise NotImplementedError('Start here.')\n", "other")
    port = connect(write_module("from .other import one\n\ndef two():\n    return one() + 1\n"), other)
    with pytest.raises(NotStarted, match="Start here") as raised:
        port.call("two")
    assert raised.value.module == "other"


def test_an_endless_loop_is_stopped_where_it_is(connect: Connect, write_module: Write) -> None:
    """A call that never returns is a timeout that names the function, and the next call gets an answer."""
    port = connect(
        write_module("def loop():\n    while True:\n        pass\n\ndef fine():\n    return 1\n"),
        deadline=Deadline(0.5, 0.5),
    )
    with pytest.raises(LearnerStopped, match=r"0\.5 s") as stopped:
        port.call("loop")
    assert stopped.value.kind == "timeout"
    assert stopped.value.frames[-1].function == "loop"
    port.begin()
    assert port.call("fine") == 1


def test_printed_text_is_returned_on_request(connect: Connect, write_module: Write) -> None:
    """You can ask for what the code printed; otherwise printing doesn't affect the answer."""
    port = connect(write_module("def talk(n):\n    print('x' * n)\n    return n\n"))
    assert port.printed("talk", 3) == "xxx\n"
    assert port.call("talk", 5) == 5


def test_a_new_example_starts_with_the_same_randomness(connect: Connect, write_module: Write) -> None:
    """Each example starts from the same state, whatever the code drew or switched off before."""
    port = connect(
        write_module("""
            import random, torch, numpy as np

            def draw():
                torch.set_grad_enabled(False)
                torch.set_default_dtype(torch.float64)
                return [random.random(), torch.rand(1).item(), float(np.random.rand()), str(torch.rand(1).dtype)]
            """)
    )
    port.begin()
    first = port.call("draw")
    port.begin()
    assert port.call("draw") == first


def test_queued_requests_travel_together(write_module: Write) -> None:
    """Requests that need no answer wait for one that does, so that an example takes one message."""
    transport = OtherProcess(Workspace({"thing": write_module(LINEAR)}))
    sent = []
    ask = transport.ask
    transport.ask = lambda requests, seconds: sent.append(len(requests)) or ask(requests, seconds)  # type: ignore
    try:
        port = Port(transport, "thing")
        port.build("Layer", width=2).eval().set_parameters({"weight": torch.ones(2)})(torch.ones(2))
        assert sent == [5]
    finally:
        transport.close()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("import os\n    os._exit(0)", "exit status 0"),
        ("import os\n    os.kill(os.getpid(), 11)", "signal 11"),
        ("import sys, os\n    os.closerange(3, 64)", "closed|exit status|signal"),
        (
            "import os\n    for fd in range(3, 16):\n        try: os.write(fd, b'junk' * 100)\n        except OSError: pass",
            "not an answer|exit|closed",
        ),
    ],
)
def test_a_process_that_ends_or_sends_junk_is_a_crash(write_module: Write, body: str, message: str) -> None:
    """If the learner's process dies or sends junk, that is a crash, and the next question gets a new process."""
    transport = OtherProcess(
        Workspace({"thing": write_module(f"def go():\n    {body}\n\ndef fine():\n    return 1\n")})
    )
    port = Port(transport, "thing", Deadline(5, 5))
    try:
        with pytest.raises(LearnerStopped, match=message) as stopped:
            port.call("go")
        assert stopped.value.kind == "crash"
        port.begin()
        assert port.call("fine") == 1
    finally:
        transport.close()


def test_questions_asked_ahead_are_answered_in_order_however_large(write_module: Write) -> None:
    """Neither side waits for the other to read, and after the process ends there are no more replies."""
    text = "import os\ndef back(n, data):\n    return [n, data * 40] if n < 9 else os._exit(3)\n"
    transport = OtherProcess(Workspace({"thing": write_module(text)}))
    questions = [
        pack_requests([Call(0, "thing", "back", (n, b"x" * size), {}, 0)])
        for n, size in enumerate([10, 50_000, 50_000, 10, 10, 300_000, 10, 10, 10, 10, 10])
    ]
    try:
        replies = [transport.unpacked(packed, 1) for packed in transport.ahead.ask(questions, 20.0)]
        numbers = [
            reply.value[0] for (reply,) in replies if isinstance(reply, Answer) and isinstance(reply.value, list)
        ]
        # Replies that the process hadn't sent when it ended never arrive.
        assert numbers == list(range(len(numbers)))
        assert 5 < len(numbers) < 10
        transport.ahead.go_back()
        assert not transport.ahead.is_worthwhile
        assert transport.unpacked(transport.ask_packed(questions[0], 20.0), 1) == replies[0]
    finally:
        transport.close()


def test_a_loop_is_stopped_even_if_ctrl_c_is_ignored() -> None:
    """A process started in the background, as by `nohup pytest &`, stops endless loops too."""
    code = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
from grader.learner.limits import TimeIsUp, limited
try:
    with limited(0.2):
        while True:
            pass
except TimeIsUp:
    print("stopped")
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert process.stdout == "stopped\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how long a thread waits for a processor")
def test_linux_says_how_long_a_thread_waits_for_a_processor() -> None:
    """Two processes on one processor: each waits for the other about half of the time."""
    code = """
import os, time
from grader.learner.processor import ProcessorClock
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
other = os.fork()
while not other:
    pass
clock = ProcessorClock()
clock.start()
wall, began = time.monotonic(), clock.now()
while time.monotonic() - wall < 1:
    pass
print(clock.waited() > 0.1, clock.now() - began < time.monotonic() - wall)
os.kill(other, 9)
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert process.stdout == "True True\n"


def test_waiting_for_a_processor_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code isn't stopped while other processes have the processor, and it is soon after that."""
    start = time.monotonic()
    monkeypatch.setattr(CLOCK, "waited", lambda: min(time.monotonic() - start, 0.5))
    stopped = False
    try:
        with limited(0.1):
            while True:
                pass
    except TimeIsUp:
        stopped = True
    assert stopped
    assert time.monotonic() - start >= 0.6


def test_without_the_kernels_help_the_limit_is_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On another system, or if the learner's code has closed the file, nothing counts as waiting."""
    clock = ProcessorClock()
    assert clock.waited() == 0.0
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        patch.delattr(os, "O_CLOEXEC", raising=False)
        clock.start()
    assert clock.waited() == 0.0
    with monkeypatch.context() as patch:
        patch.setattr("grader.learner.processor._FILE", "/nowhere")
        clock.start()
    assert clock.waited() == 0.0
    clock.start()
    if clock._opened is not None:
        os.close(clock._opened[1])
    assert clock.waited() == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "def go():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass\n",
        "import contextlib\ndef go():\n    with contextlib.suppress(BaseException):\n        while True: pass\n    return 1\n",
    ],
    ids=["goes on", "answers"],
)
def test_code_that_swallows_the_interrupt_is_stopped(write_module: Write, text: str) -> None:
    """Our side measures the time, too: a loop that catches everything ends with its process, and a late answer is none."""
    transport = OtherProcess(Workspace({"thing": write_module(text)}))
    try:
        with pytest.raises(LearnerStopped) as stopped:
            Port(transport, "thing", Deadline(0.5, 0.5)).call("go")
        assert stopped.value.kind == "timeout"
    finally:
        transport.close()


def test_in_process_the_debugger_lands_in_the_learners_line(write_module: Write) -> None:
    """The last frame of the traceback is the learner's, and the original exception is attached."""
    from grader.port import InProcess

    port = Port(InProcess(Workspace({"thing": write_module("def go(x):\n    return 1 / x\n")})), "thing")
    with pytest.raises(LearnerRaised) as raised:
        port.call("go", 0)
    traceback = raised.value.__traceback__
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    assert traceback.tb_frame.f_code.co_name == "go"
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_a_check_has_its_own_deadline(connect: Connect, write_module: Write) -> None:
    """Many calls that are each fast enough are stopped once they use up the check's time together."""
    port = connect(
        write_module("import time\n\ndef slow():\n    time.sleep(0.2)\n"), deadline=Deadline(5, 5, check=0.5)
    )
    port.deadline.begin_check()
    port.call("slow")
    with pytest.raises(LearnerStopped) as stopped:
        list(map(port.call, ["slow"] * 5))
    assert stopped.value.kind == "timeout"


@pytest.mark.parametrize("kind", ["optimizer", "Weights"])
def test_torchs_own_imports_cost_the_learner_no_time(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modules that an optimizer's first step imports are imported before the call's time starts."""
    (tmp_path / "imported_slowly.py").write_text("import time\ntime.sleep(0.6)\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "imported_slowly", raising=False)
    monkeypatch.setattr(imports, "FOR_OPTIMIZERS", ("imported_slowly", "there_is_no_such_module"))
    far = TimedFar(Far(Workspace({})))
    replies = far.answer([Probe(kind, {}, 1)], 0.3)
    assert "imported_slowly" in sys.modules
    assert not isinstance(replies[-1], Stopped)


def test_what_is_derived_from_lists_tuples_and_dicts_counts_as_one(connect: Connect, write_module: Write) -> None:
    """Named tuples, deques and dicts of any kind are plain data; what they say of themselves isn't asked."""
    port = connect(
        write_module("""
            import collections, typing

            class Pair(typing.NamedTuple):
                left: int
                right: int

            class Liar(list):
                def __iter__(self): return iter("lies")
                def __len__(self): return 99

            class Table(dict):
                def items(self): raise SystemExit

            def give():
                counter = collections.Counter("aab")
                return [Pair(1, 2), Liar([1, Pair(3, 4)]), Table(a=1), counter, collections.deque([1, 2])]
            """)
    )
    answer = port.call("give")
    assert answer == [(1, 2), [1, (3, 4)], {"a": 1}, {"a": 2, "b": 1}, [1, 2]]
    assert [type(value) for value in answer] == [tuple, list, dict, dict, list]


def test_only_the_stubs_line_means_not_started(connect: Connect, write_module: Write) -> None:
    """Torch raises NotImplementedError, too: for a module without forward, or a device that isn't there."""
    port = connect(
        write_module("""
            import torch

            def stub():
                raise NotImplementedError("Start here.")

            def short(): raise NotImplementedError

            def torchs():
                return torch.nn.ModuleList([])(torch.ones(1))
            """)
    )
    for name in ("stub", "short"):
        with pytest.raises(NotStarted):
            port.call(name)
    with pytest.raises(LearnerRaised, match="NotImplementedError"):
        port.call("torchs")


@pytest.mark.parametrize(
    ("imported", "asked"),
    [
        ("import tiktoken", "tiktoken.get_encoding"),
        ("import tiktoken as tt", "tt.get_encoding"),
        ("from tiktoken import get_encoding", "get_encoding"),
        ("from tiktoken import *", "get_encoding"),
        ("import tiktoken.registry", "tiktoken.registry.get_encoding"),
        ("from importlib import import_module", "import_module('tiktoken').get_encoding"),
        ("from tiktoken import encoding_for_model", "encoding_for_model"),
    ],
)
def test_tiktokens_encodings_are_there_without_a_network(
    connect: Connect, write_module: Write, imported: str, asked: str
) -> None:
    """A module gets GPT-2's encoding by name, at import and in a function, and the probe is the same encoding."""
    port = connect(
        write_module(f"""
            {imported}
            EARLY = {asked}("gpt2")

            def ids(text, tokenizer=None):
                {imported.replace("*", "get_encoding")}
                late = {asked}("gpt2")
                return [
                    encoding.encode(text, allowed_special={{"<|endoftext|>"}})
                    for encoding in (EARLY, late, tokenizer or late)
                ]
            """)
    )
    expected = [39, 68, 75, 75, 78, 11, 256, 258, 256, 259, 50256]
    before = dict(registry.ENCODINGS)
    assert port.call("ids", "Hello, the tin<|endoftext|>", port.probe("encoding", name="gpt2")) == [expected] * 3
    assert before == registry.ENCODINGS


def test_a_loader_is_gone_through_as_far_as_asked(connect: Connect, write_module: Write) -> None:
    """The probe `items` lists the first items of an iterable, even of an endless one, and raises what it raises."""
    port = connect(
        write_module("""
            import itertools
            import torch

            class Loader:
                def __iter__(self):
                    return (torch.tensor([number]) for number in itertools.count())

            def failing():
                yield 1
                raise ValueError("no second one")
            """)
    )
    got = port.probe("items", of=port.build("Loader"), most=2).value()
    assert [item.tolist() for item in got] == [[0], [1]]
    with pytest.raises(LearnerRaised, match="no second one") as raised:
        port.probe("items", of=port.keep("failing"), most=2).value()
    assert raised.value.raised.frames[-1].function == "failing"


def test_an_object_of_another_module_is_built(connect: Connect, write_module: Write) -> None:
    """A check can build what the exercise needs, even if the exercise's own module doesn't import it."""
    port = connect(write_module("class Part:\n    def __init__(self, size): self.size = size\n"))
    assert Port(port.transport, "other").build_from(port.module, "Part", size=3).attribute("size") == 3


def test_passes_are_compared_whatever_their_order_is(connect: Connect, write_module: Write) -> None:
    """The probe `same_batches` says whether two passes have the same batches, up to the order of rows and batches."""
    port = connect(
        write_module("""
            import torch

            def loader(*batches):
                return [(torch.tensor(batch), -torch.tensor(batch)) for batch in batches]
            """)
    )
    keys = ("in_order", "in_order_with_mixed_rows", "in_any_order_with_mixed_rows", "all_rows")
    first = port.keep("loader", [1, 2], [3, 4])
    others = {
        ((1, 2), (3, 4)): 4,
        ((2, 1), (3, 4)): 3,
        ((4, 3), (1, 2)): 2,
        ((1, 3), (2, 4)): 1,
        ((1, 3), (3, 4)): 0,
    }
    for batches, same in others.items():
        second = port.keep("loader", *map(list, batches))
        got = port.probe("same_batches", first=first, second=second, most=5).value()
        assert list(got) == list(keys)
        assert sum(got.values()) == same
