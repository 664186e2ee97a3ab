"""The same verdict at home and at grading: what a learner's code may import, set and start, over each transport."""

from __future__ import annotations

import builtins
import gc
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.learner.placeholders import progress_bars
from grader.port import InProcess, LearnerRaised, OtherProcess, Port, Workspace
from grader.sandbox.launch import Sandbox
from grader.wire import remarks
from grader.wire.remarks import Remark

Connect = Callable[..., Port]
Write = Callable[..., Path]

SPELLINGS = """
import norm
import exercises.norm
import exercises.norm as dotted
from norm import scaled
from exercises import norm as inner
from exercises.norm import scaled as absolute
from previous_chapters import scaled as earlier
from llms_from_scratch.ch04 import scaled as packaged
from . import norm as sibling
from .norm import scaled as relative


def different():
    functions = [scaled, absolute, earlier, packaged, relative]
    modules = [norm, exercises.norm, dotted, inner, sibling]
    return len({id(function) for function in [*functions, *(module.scaled for module in modules)]})
"""

PLACEHOLDERS = """
import absent_package
import absent_package.inside.deeply as deep
from absent_package import helper, Base
from absent_package.more import *
from .absent_file import other

try:
    import absent_package as maybe
except ImportError:
    maybe = None


@absent_package.fast
def plain(x: absent_package.Array["batch"]) -> deep.Array | None:
    return x + 1


@helper.configured(fast=True)
class Counter:
    def __init__(self):
        self.count = 2


class Model(Base, absent_package.Mixin):
    pass


def works():
    return plain(1), Counter().count, maybe is None, isinstance(1, deep.Array)


def uses():
    return helper(1)


def builds():
    return Model()


def reads():
    return other + 1
"""

REFUSED = """
import asyncio
import concurrent.futures
import multiprocessing
import os
import subprocess
import urllib.request


def square(x):
    return x * x


def pool():
    with multiprocessing.Pool(2) as workers:
        return workers.map(square, [1, 2])


def executor():
    with concurrent.futures.ProcessPoolExecutor(2) as workers:
        return list(workers.map(square, [1, 2]))


def command():
    return subprocess.run(["true"], check=True).returncode


def fork():
    return os.fork()


async def nothing():
    return 1


def loop():
    return asyncio.run(nothing())


def download():
    return len(urllib.request.urlopen("https://example.org/").read())


def threads():
    with concurrent.futures.ThreadPoolExecutor(2) as workers:
        return list(workers.map(square, [1, 2]))
"""

PROCESS = "Your code can't do this here: it starts another process, and the checks run in a single one"
SENTENCES = {
    "pool": PROCESS,
    "executor": PROCESS,
    "command": PROCESS,
    "fork": PROCESS,
    "loop": "Your code can't do this here: it uses asyncio, which needs a socket, and the checks run without any",
    "download": "Your code can't do this here: it needs the network, and the checks run without one",
}

FILES = """
import os
import torch

with open("made_by_the_import.txt", "w") as file:
    file.write("kept")


def save():
    before = sorted(os.listdir("."))
    os.makedirs("out", exist_ok=True)
    torch.save({"weight": torch.ones(2)}, "checkpoints/last.pt")
    with open("logs/today/log.txt", "a") as file:
        file.write("line")
    return before, torch.load("checkpoints/last.pt")["weight"].tolist()


def fill():
    with open("large.bin", "wb") as file:
        for _ in range(100):
            file.write(bytes(2**20))


def fill_with_weights():
    torch.save(torch.zeros(100 * 2**18), "large.pt")
"""

SETTINGS = """
import os
import sys

import numpy as np
import torch

torch.set_default_device("meta")
torch.set_default_dtype(torch.float64)
torch.use_deterministic_algorithms(True)
np.seterr(all="raise")
os.environ["SET_BY_A_MODULE"] = "1"
sys.path.insert(0, "/set-by-a-module")
torch.softmax = lambda *args, **kwargs: "replaced"
torch.Tensor.sigmoid = lambda self: "replaced"


def seen():
    return [torch.softmax(1), torch.ones(1).sigmoid(), os.environ["SET_BY_A_MODULE"], sys.path[0]]
"""


def _raised(port: Port, name: str) -> str:
    """Return the text of the built-in exception that a call raises."""
    with pytest.raises(LearnerRaised) as caught:
        port.call(name)
    assert hasattr(builtins, caught.value.raised.types[0])
    return caught.value.raised.text


def test_each_spelling_of_an_import_means_the_same_module(connect: Connect, write_module: Write) -> None:
    """Relative, plain and dotted imports, and those from `previous_chapters`, get one and the same object."""
    scaled = write_module("def scaled(x):\n    return 2 * x\n", "norm")
    port = connect(write_module(SPELLINGS, "block"), scaled)
    assert port.call("different") == 1
    assert port.load() == []


def test_what_cannot_be_imported_raises_when_it_is_used(connect: Connect, write_module: Write) -> None:
    """A missing import works in annotations, bases and decorators; a use says what is missing."""
    port = connect(write_module(PLACEHOLDERS))
    assert port.call("works") == (2, 2, True, False)
    reason = "there is no file absent_package.py next to thing.py, and no package `absent_package` where the checks run"
    assert _raised(port, "uses") == f"`absent_package.helper` is used here, but {reason}"
    assert _raised(port, "builds") == f"`absent_package.Base` is used here, but {reason}"
    assert _raised(port, "reads") == (
        "`absent_file.other` is used here, but there is no file absent_file.py next to thing.py"
    )


# In this process, what asyncio had opened before it was refused is closed only when it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_the_sandbox_refuses_is_refused_everywhere(connect: Connect, write_module: Write) -> None:
    """Processes, the network and asyncio fail with the same sentence over each transport; threads work."""
    port = connect(write_module(REFUSED))
    assert {name: _raised(port, name) for name in SENTENCES} == SENTENCES
    assert port.call("threads") == [1, 4]
    port.begin()
    gc.collect()


@pytest.mark.parametrize("sandboxed", [False, True])
def test_files_can_be_written_and_are_thrown_away(sandbox: Sandbox, write_module: Write, sandboxed: bool) -> None:
    """A worker's folder can be written to; each example finds only what the import has made."""
    transport = OtherProcess(Workspace({"thing": write_module(FILES)}), sandbox.open if sandboxed else None)
    try:
        port = Port(transport, "thing")
        port.load()
        for _ in range(2):
            port.begin()
            assert port.call("save") == (["made_by_the_import.txt"], [1.0, 1.0])
        if sandboxed:
            assert _raised(port, "fill").startswith("The working folder is full")
            port.begin()
            assert _raised(port, "fill_with_weights").startswith("The working folder is full")
    finally:
        transport.close()
    assert not Path("checkpoints").exists()


def test_settings_of_a_module_do_not_reach_others_at_home(write_module: Write) -> None:
    """In one process, what a module sets at its import holds while its own code runs, and only then."""
    first = InProcess(Workspace({"thing": write_module(SETTINGS)}))
    second = InProcess(
        Workspace({"other": write_module("import torch\ndef go():\n    return torch.ones(1)\n", "other")})
    )
    try:
        port = Port(first, "thing")
        port.load()
        for _ in range(2):
            assert port.call("seen") == ["replaced", "replaced", "1", "/set-by-a-module"]
            assert torch.equal(Port(second, "other").call("go"), torch.ones(1))
            assert torch.equal(torch.softmax(torch.zeros(2), 0), torch.full((2,), 0.5))
            assert torch.zeros(1).sigmoid().item() == 0.5
            assert torch.get_default_dtype() == torch.float32
            assert not torch.are_deterministic_algorithms_enabled()
            assert np.geterr()["over"] == "warn"
            assert "SET_BY_A_MODULE" not in os.environ
    finally:
        first.close()
        second.close()


def test_a_progress_bar_that_is_not_installed_still_counts() -> None:
    """Without tqdm, its bars go through their values."""
    tqdm = progress_bars("tqdm")
    bar = tqdm.auto.tqdm([1, 2, 3], desc="training")
    bar.set_description("loss 1.0")
    assert (list(bar), bar.n, list(tqdm.trange(1, 4))) == ([1, 2, 3], 3, [1, 2, 3])
    with tqdm.tqdm(total=2) as counted:
        counted.update(2)
    assert counted.n == 2


@pytest.mark.parametrize(
    "row",
    [
        ["package", "thing", 1, "pandas"],
        ["unknown", "thing", 1, "pandas", ""],
        ["package", "../thing", 1, "pandas", ""],
        ["package", "thing", -1, "pandas", ""],
        ["package", "thing", "1", "pandas", ""],
        "package",
        None,
    ],
)
def test_a_worker_cannot_send_any_remark(row: object) -> None:
    """A remark that our own far side wouldn't send is left out, and a text in one stays on its line."""
    good = Remark("package", "thing", 3, "pandas", "import pandas")
    assert remarks.from_plain([row, *(remarks.to_plain([good]) or [])]) == [good]
    assert remarks.from_plain(row) == []
    long = remarks.from_plain([["statement", "thing", 1, "a\n# b\x1b" + "c" * 999, ""]])[0].name
    assert long.startswith("a # b?c")
    assert len(long) == remarks.MAX_NAME


def test_a_trial_that_fails_leaves_the_rest_of_the_module(connect: Connect, write_module: Write) -> None:
    """What comes before and after a failing line counts; its names say why they have no value."""
    text = """
    def before():
        return 1

    story = open("story.txt").read()
    words = story.split()
    import sys
    sys.exit(3)

    def after():
        return before() + 1

    def uses():
        return len(words)
    """
    port = connect(write_module(text))
    noted: Mapping[str, int] = {remark.kind: remark.line for remark in port.load()}
    assert noted == {"data": 5, "statement": 8}
    assert port.call("after") == 2
    why = "line 5 of thing.py was left out, because there is no file story.txt where the checks run"
    assert _raised(port, "uses") == f"`words` is used here, but {why}"
