"""Chaos: whatever is killed while a class is graded, the same command finally gives the same results."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

COUNT = int(os.environ.get("CHAOS_SUBMISSIONS", "200"))
KILLS = 30
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

KINDS = (
    "def double(x):\n    return 2 * x  # {n}\n",
    "def double(x):\n    return x + {n}\n",
    "def double(x):\n    raise ValueError('{n}')\n",
    "import os\ndef double(x):\n    os._exit({n})\n",
    "def double(x:\n",
    "def double(x):\n    return [x] * {n}\n",
    "def double(x):\n    return x * 2 if x < {n} / 10 else x\n",
)


def write_class(folder: Path) -> None:
    """Write the submissions, no two alike."""
    for n in range(COUNT):
        submission = folder / f"s{n:03}"
        submission.mkdir(parents=True)
        (submission / "double.py").write_text(KINDS[n % len(KINDS)].format(n=n), encoding="utf-8")
        if n % 3:
            text = "from .double import double\n\ndef twice(x):\n    return double(double(x))\n"
            (submission / "twice.py").write_text(text, encoding="utf-8")


def start(course: Path, folder: Path, out: Path) -> subprocess.Popen[bytes]:
    """Start the command."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "--out", str(out), "--require-sandbox", "--quiet"]
    return subprocess.Popen(command, cwd=course.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def descendants(pid: int) -> Iterator[tuple[int, str]]:
    """List a process's descendants: the kind of each, and its id."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(folder.name))
    waiting = [(child, "grader") for child in parents.get(pid, [])]
    while waiting:
        child, above = waiting.pop()
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        kind = "other"
        if "forkserver" in command:
            kind = "grader process" if above == "forking process" else "forking process"
        elif "bwrap" in command and above in ("grader", "grader process"):
            kind = "sandbox"
        yield child, kind
        waiting += [(child, kind) for child in parents.get(child, [])]


def kept_in(out: Path) -> set[str]:
    """List the results that are kept, one for each content of an exercise."""
    kept = {path.name for path in (out / ".grader").glob("*.json")}
    assert len(kept) >= COUNT
    return kept


def kill_at_random(process: subprocess.Popen[bytes], chance: random.Random, killed: Counter[str]) -> set[int]:
    """Kill processes until the command ends or enough were killed; return all that were seen."""
    seen: set[int] = set()
    while process.poll() is None:
        time.sleep(chance.uniform(0.05, 0.5))
        processes = [(process.pid, "grader"), *descendants(process.pid)]
        seen |= {pid for pid, _ in processes}
        kinds = sorted({kind for _, kind in processes} - {"other"})
        if process.poll() is not None or killed.total() >= KILLS:
            continue
        # What was killed least goes first, so that all have their turn; a run that has just begun mostly goes on.
        if "grader process" not in kinds and chance.random() < 0.9:
            continue
        kind = min(kinds, key=lambda candidate: (killed[candidate], chance.random()))
        victim = chance.choice([pid for pid, its_kind in processes if its_kind == kind])
        try:
            os.kill(victim, signal.SIGKILL)
            killed[kind] += 1
        except ProcessLookupError:
            continue
    return seen


def kill_and_start_again(
    course: Path, folder: Path, out: Path, chance: random.Random, killed: Counter[str]
) -> set[int]:
    """Run the command until it finishes, killing at random; return all processes that were seen."""
    seen: set[int] = set()
    for _ in range(3 * KILLS):
        process = start(course, folder, out)
        seen |= kill_at_random(process, chance, killed)
        output, _ = process.communicate()
        assert b"Traceback" not in output, output.decode()
        if process.returncode == 0:
            return seen
        # Where what has to be started is killed again and again as it starts, it says so and stops.
        stopped = any(reason in output for reason in (b"There is no sandbox", b"The processes that run the checks"))
        assert process.returncode == -signal.SIGKILL or stopped, output.decode()
    raise AssertionError("it never came to its end")


@LINUX
@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_killed_and_started_again_ends_as_if_nothing_had_been(
    tiny_course: Callable[..., Path], tmp_path: Path, seed: int
) -> None:
    """Grader processes, the sandbox and the grader itself are killed, and the results are still the same bytes."""
    course, folder = tiny_course(), tmp_path / "class"
    write_class(folder)
    calm = start(course, folder, tmp_path / "calm")
    out, _ = calm.communicate()
    assert calm.returncode == 0, out.decode()
    chance, killed, seen = random.Random(seed), Counter[str](), set[int]()
    # How much can be killed before a class is graded depends on the machine.
    for number in itertools.count():
        wild = tmp_path / f"wild{number}"
        seen |= kill_and_start_again(course, folder, wild, chance, killed)
        assert (wild / "results.json").read_bytes() == (tmp_path / "calm" / "results.json").read_bytes()
        assert kept_in(wild) == kept_in(tmp_path / "calm")
        if killed.total() >= KILLS:
            break
    assert set(killed) == {"grader", "grader process", "forking process", "sandbox"}
    for _ in range(50):
        left = [pid for pid in seen if Path(f"/proc/{pid}").exists() and b"grader" in command_of(pid)]
        if not left:
            break
        time.sleep(0.2)
    assert not left, [command_of(pid) for pid in left]


def command_of(pid: int) -> bytes:
    """Return the command of a process; an empty string if there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
