"""Hostile submissions: what none of them achieves here, and does achieve when nothing stops it.

Each file in `attacks/` is one submission's module. `# exercise:` says for which exercise (by default `double`, of a tiny
course). `# naive:` says what it achieves against `attacks/naive.py`, a grader without protection; it is absent if that is
nothing, or if it would harm the machine that runs this test.
"""

from __future__ import annotations

import ast
import ctypes
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path

import msgspec
import pytest

from grader.course import Course, load_course
from grader.failures.as_text import message
from grader.failures.visible_to_student import visible_to_student
from grader.grading import Submission, find_submissions, take_in
from grader.grading.results import SubmissionResult, results
from grader.grading.run import grade
from grader.port import Deadline, LearnerRaised, LearnerStopped, OtherProcess, Port, Workspace
from grader.reports.feedback import feedback, write_feedback, write_results
from grader.sandbox.launch import Sandbox

FOLDER = Path(__file__).parent / "attacks"
MARK = "gptwb-mark"
TOKEN = secrets.token_hex(8)
_SUBREAPER = 36


@dataclass(frozen=True)
class Attack:
    """A hostile module; `naive` is what it achieves against a grader without protection."""

    name: str
    source: str
    exercise: str
    naive: str

    @property
    def purpose(self) -> str:
        """Return what the attack tries."""
        return ast.get_docstring(ast.parse(self.source)) or ""


@dataclass(frozen=True)
class Run:
    """A class graded with attacks in it, and what the machine looked like afterwards."""

    course: Course
    attacks: dict[str, Attack]
    results: dict[str, SubmissionResult]
    given: int
    left_processes: list[str]
    left_files: list[str]
    new_mounts: list[str]
    reports: dict[str, str]


def _read(path: Path) -> Attack:
    source = path.read_text(encoding="utf-8")

    def header(name: str, default: str) -> str:
        match = re.search(rf"^# {name}: (.+)$", source, re.MULTILINE)
        return match[1] if match else default

    name = f"{path.parent.name}-{path.stem}"
    return Attack(name, source, header("exercise", "double"), header("naive", ""))


ATTACKS = [_read(path) for path in sorted(FOLDER.glob("*/*.py"))]
TINY = [attack for attack in ATTACKS if attack.exercise == "double"]
REAL = [attack for attack in ATTACKS if attack.exercise != "double"]


def test_there_are_attacks_enough_and_each_says_what_it_tries() -> None:
    """There are at least sixty attacks, in both groups, each described in a sentence or two."""
    assert len(ATTACKS) >= 60
    assert len(REAL) >= 10
    assert not [attack.name for attack in ATTACKS if not 20 < len(attack.purpose) < 400]
    assert sum(bool(attack.naive) for attack in ATTACKS) >= 40


# --- Without protection -----------------------------------------------------------------------------------------------

HONEST = {
    "double": "def double(x):\n    return float(2 * x)  # planted-neighbour-{token}\n",
}


def test_attacks_succeed_where_nothing_holds_them_back(course: Course, tmp_path: Path) -> None:
    """Against a grader that imports submissions into the process of its reference, the attacks achieve what they claim."""
    tried = [attack for attack in ATTACKS if attack.naive]
    with _Family() as family, ThreadPoolExecutor(3) as pool:
        achieved = dict(pool.map(lambda attack: (attack.name, _achieved(attack, course, tmp_path, family)), tried))
    missed = {attack.name: achieved[attack.name] for attack in tried if attack.naive not in achieved[attack.name]}
    assert not missed


def _achieved(attack: Attack, course: Course, folder: Path, family: _Family) -> set[str]:
    """Run an attack against the naive grader; return what it achieved, in the words of `# naive:`."""
    run = folder / attack.name
    exercise = attack.exercise
    if exercise == "double":
        right = f"SECRET = 'planted-solution-{TOKEN}'\n\n\ndef double(x):\n    return 2 * x\n"
        honest = HONEST["double"].format(token=TOKEN)
    else:
        right = honest = (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
    files = {
        f"solutions/{exercise}.py": right,
        "tests/checks.py": f"SECRET = 'planted-checks-{TOKEN}'\nCHECKS = []\n",
        f"submissions/attack/{exercise}.py": attack.source,
        f"submissions/honest/{exercise}.py": honest,
    }
    for name, text in files.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(text, encoding="utf-8")
    (run / "tmp").mkdir()
    before = _files(run)
    output_path = folder / f"{attack.name}.txt"
    with output_path.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-B", str(FOLDER / "naive.py"), str(run), exercise],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={"PATH": os.environ["PATH"], "TMPDIR": str(run / "tmp"), "PLANTED": f"planted-environment-{TOKEN}"},
        )
    try:
        process.wait(2 if attack.naive == "no verdict" else 60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    left = family.end_all_of(str(run))
    printed = output_path.read_text(errors="replace")
    achieved = set()
    file = run / "results.json"
    scores = json.loads(file.read_text()) if file.exists() else {}
    scores |= {name: [int(got), 1] for name, got in re.findall(r"^SCORE (\w+) (\d)/\d", printed, re.M) if not scores}
    if scores.get("attack", [0])[0]:
        achieved.add("full marks")
    if "attack" not in scores:
        achieved.add("no verdict")
    if scores.get("honest", [0])[0] == 0:
        achieved.add("neighbor")
    if TOKEN in printed:
        achieved.add("secret")
    if left or _files(run) - before - {"results.json"}:
        achieved.add("left behind")
    return achieved


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


class _Family:
    """The processes started by this one: one that outlives its parent becomes our own child, so it can't hide."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None)

    def __enter__(self) -> _Family:
        self._libc.prctl(_SUBREAPER, 1, 0, 0, 0)
        self._before = set(self.descendants())
        return self

    def __exit__(self, *_: object) -> None:
        self._libc.prctl(_SUBREAPER, 0, 0, 0, 0)

    def descendants(self, of: int | None = None) -> dict[int, str]:
        """Return the living descendants of a process, with their command lines."""
        parents, lines = {}, {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                    lines[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]
                except OSError:
                    continue
                if state != "Z":
                    parents[int(entry.name)] = int(parent)
        root = os.getpid() if of is None else of
        descendants: dict[int, str] = {}
        for pid in parents:
            above = pid
            while above in parents and above != root:
                above = parents[above]
            if above == root and pid != root and "resource_tracker" not in lines[pid]:
                descendants[pid] = lines[pid]
        return descendants

    def new(self) -> list[str]:
        """Return the command lines of new processes, except the one that grader processes are forked from."""
        ours = {*self._before, forkserver._forkserver._forkserver_pid}  # type: ignore[attr-defined]
        # A process that is ending has no command line any more, but isn't a zombie yet.
        end = time.monotonic() + 5
        while any(not line for line in self.descendants().values()) and time.monotonic() < end:
            time.sleep(0.05)
        return [line for pid, line in self.descendants().items() if pid not in ours]

    def end_all_of(self, folder: str) -> list[int]:
        """End every descendant whose environment contains a path."""
        left = []
        for pid in self.descendants():
            try:
                if folder.encode() + b"/" in Path(f"/proc/{pid}/environ").read_bytes():
                    os.kill(pid, signal.SIGKILL)
                    left.append(pid)
            except (OSError, ProcessLookupError):
                continue
        return left


# --- With protection --------------------------------------------------------------------------------------------------

_COURSE = {
    "course.yaml": """\
        id: tiny
        title: A tiny course
        limits: {call: 1, after_timeout: 0.25}
        exercises:
          - id: double
            title: Double
          - id: twice
            title: Twice
            needs: [double]
        """,
    "solutions/double.py": '''\
        """Double a number."""

        SECRET = "planted-solution-{token}"


        def double(x: float) -> float:
            """Return twice x."""
            ### BEGIN SOLUTION: Multiply.
            return 2 * x
            ### END SOLUTION
        ''',
    "solutions/twice.py": '''\
        """Double a number two times."""

        from .double import double


        def twice(x: float) -> float:
            """Return four times x."""
            ### BEGIN SOLUTION: Use double.
            return double(double(x))
            ### END SOLUTION
        ''',
    "solutions/standins/double.py": "def double(x):\n    return x + x\n",
    "tests/visible/test_double.py": '''\
        """Visible checks."""

        from grader.checks import expect_equal

        SECRET = "planted-checks-{token}"


        def test_double_three(learner):
            """Twice 3 is 6."""
            expect_equal(learner.call("double", 3.0), 6.0)
        ''',
    "tests/hidden/test_double.py": '''\
        """Hidden checks."""

        from hypothesis import given, strategies as st

        from grader.checks import expect_equal

        SECRET = "planted-memory-{token}"


        @given(x=st.floats(0.5, 100))
        def test_double_equals_the_reference(learner, reference, x):
            """Doubling holds for every number."""
            expect_equal(learner.call("double", x), reference.call("double", x), "the double")
        ''',
    "tests/visible/test_twice.py": '''\
        """Visible checks."""

        from grader.checks import expect_equal


        def test_twice_four(learner):
            """Four times 4 is 16."""
            expect_equal(learner.call("twice", 4.0), 16.0)
        ''',
}
_RIGHT = {
    "double": f"def double(x):\n    return 2 * x  # planted-neighbour-{TOKEN}\n",
    "twice": f"from .double import double\n\nNOTE = 'planted-neighbour-{TOKEN}'\n\ndef twice(x):\n    return double(double(x))\n",
}


@pytest.fixture(scope="module")
def tiny_run(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Grade every attack on the tiny course, with honest submissions before, between and after them."""
    folder = tmp_path_factory.mktemp("tiny")
    for name, text in _COURSE.items():
        path = folder / "course" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).replace("{token}", TOKEN), encoding="utf-8")
    return _grade(load_course(folder / "course" / "course.yaml"), TINY, _RIGHT, folder)


@pytest.fixture(scope="module")
def real_run(sandbox: Sandbox, course: Course, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Grade every attack on a real exercise, with honest submissions around it."""
    honest = {n: (course.solutions / f"{n}.py").read_text(encoding="utf-8") for n in ("layer_norm", "causal_attention")}
    return _grade(course, REAL, honest, tmp_path_factory.mktemp("real"))


@pytest.fixture(params=["tiny_run", pytest.param("real_run", marks=pytest.mark.slow)])
def run(request: pytest.FixtureRequest) -> Run:
    """Return both runs, one after the other."""
    chosen_run: Run = request.getfixturevalue(request.param)
    return chosen_run


def _grade(course: Course, attacks: list[Attack], honest: Mapping[str, str], folder: Path) -> Run:
    encoded = {name: text.encode() for name, text in honest.items()}
    given = []
    for position, attack in enumerate(attacks):
        if position % 12 == 0:
            given.append(Submission(f"honest-{position:03}", encoded, ()))
        given.append(Submission(attack.name, {attack.exercise: attack.source.encode()}, ()))
    given += [Submission("honest-last", encoded, ()), Submission("honest-end", encoded, ())]
    home = Path.home() / f".{MARK}-{TOKEN}.txt"
    scratch = folder / "tmp"
    scratch.mkdir()
    planted = scratch / f"secret-{TOKEN}.txt"
    mounts = Path("/proc/self/mountinfo").read_text()
    outside = _marked_files()
    with pytest.MonkeyPatch.context() as patch, _Family() as family:
        patch.setenv("PLANTED", f"planted-environment-{TOKEN}")
        patch.setenv("TMPDIR", str(scratch))
        home.write_text(f"planted-home-{TOKEN}")
        planted.write_text(f"planted-temporary-{TOKEN}")
        try:
            graded = grade(course, given, jobs=2, sandbox="require")
        finally:
            home.unlink()
            planted.unlink()
        left = family.new()
    write_feedback(course, results(course, graded), folder / "reports")
    write_results(results(course, graded), folder / "reports")
    reports = {path.name: path.read_text() for path in (folder / "reports").rglob("*") if path.is_file()}
    reports |= {f"feedback of {result.id}": feedback(course, result) for result in graded}
    return Run(
        course,
        {attack.name: attack for attack in attacks},
        {result.id: result for result in graded},
        len(given),
        left,
        sorted((_marked_files() - outside) | {name for name in _files(scratch) if "torchinductor" not in name}),
        sorted(set(Path("/proc/self/mountinfo").read_text().splitlines()) - set(mounts.splitlines())),
        reports,
    )


def _marked_files() -> set[str]:
    names = (f"{MARK}*", "torch.py", "sitecustomize.py", "usercustomize.py", "results.json", "evil")
    places = [Path(folder) for folder in ("/", "/tmp", "/dev", "/dev/shm", "/var/tmp", Path.home(), Path.cwd())]
    places += [Path(__file__).parents[2], FOLDER, Path(sys.prefix)]
    return {str(path) for folder in places for name in names for path in folder.glob(name)}


def test_no_attack_gets_full_marks(run: Run) -> None:
    """No hostile module gets full marks; on the tiny course, where nothing is right by chance, none gets any points."""
    exercises = {name: run.results[name].exercises[attack.exercise] for name, attack in run.attacks.items()}
    assert not [name for name, exercise in exercises.items() if exercise.score >= exercise.max_score]
    if run.course.id == "tiny":
        assert not {name: exercise.score for name, exercise in exercises.items() if exercise.score}


def test_no_attack_finds_a_secret(run: Run) -> None:
    """No secret from the environment, disk, checks, solutions or other submissions appears in any result or report."""
    texts = {name: msgspec.json.encode(result).decode() for name, result in run.results.items()} | run.reports
    assert not [name for name, text in texts.items() if TOKEN in text]


def test_no_attack_gets_out_of_the_sandbox(run: Run) -> None:
    """Attacks that try system calls, files or sockets print `ESCAPED` if one works; none does."""
    escapes = {}
    for name in run.attacks:
        checks = [check for exercise in run.results[name].exercises.values() for check in exercise.checks]
        lines = [line for check in checks for row in check.rows if row.kind == "raised" for line in row.lines]
        lines += [line for exercise in run.results[name].exercises.values() for line in exercise.remarks]
        if any("ESCAPED" in line for line in lines):
            escapes[name] = lines
    assert not escapes


def test_other_submissions_keep_their_scores(run: Run) -> None:
    """Honest submissions before, between and after the attacks get full marks for what they contain."""
    honest = {name: result for name, result in run.results.items() if name.startswith("honest-")}
    assert len(honest) >= 3
    for result in honest.values():
        started = [exercise for exercise in result.exercises.values() if exercise.status != "not_started"]
        assert sum(exercise.score for exercise in started) == sum(exercise.max_score for exercise in started) > 0
    assert len({msgspec.json.encode(msgspec.structs.replace(result, id="")) for result in honest.values()}) == 1


def test_the_run_is_complete(run: Run) -> None:
    """Every submission gets its result, from inside the sandbox, and no failure is blamed on the grader."""
    assert len(run.results) == run.given
    assert all(result.sandboxed for result in run.results.values())
    faults = {
        name: [check.rows for e in result.exercises.values() for check in e.checks
               for row in check.rows if row.kind in ("fault", "broken")]
        for name, result in run.results.items() if result.fault
    }  # fmt: skip
    assert not faults


def test_the_machine_is_clean(run: Run) -> None:
    """No process, no file and no mount is left."""
    assert run.left_processes == []
    assert run.left_files == []
    assert run.new_mounts == []


def test_no_report_carries_orders_to_a_terminal(run: Run) -> None:
    """Messages and reports consist of lines of printable characters."""
    for name, text in run.reports.items():
        odd = {character for character in text if not character.isprintable()} - {"\n"}
        assert not odd, name
    for name, result in run.results.items():
        for check in [check for exercise in result.exercises.values() for check in exercise.checks]:
            assert all(line.isprintable() for line in check.counterexample.split("\n")), name
            lines = message(visible_to_student(check, check, "case"))
            assert all(line.isprintable() and len(line) <= 400 for line in lines), name


# --- One cell after another -------------------------------------------------------------------------------------------


def test_a_worker_finds_nothing_of_the_one_before(sandbox: Sandbox, tmp_path: Path) -> None:
    """Nothing from a submission's source is in the memory of the next, although both are forks of one process."""
    first = tmp_path / "double.py"
    first.write_text(f"# {('planted-neighbour-' + TOKEN + ' ') * 2000}\ndef double(x):\n    return 2 * x\n")
    for _ in range(5):
        transport = OtherProcess(Workspace({"double": first}), sandbox.open)
        assert Port(transport, "double").call("double", 3.0) == 6.0
        transport.close()
    second = tmp_path / "second" / "double.py"
    second.parent.mkdir()
    second.write_text((FOLDER / "finding" / "own_memory.py").read_text())
    transport = OtherProcess(Workspace({"double": second}), sandbox.open)
    try:
        with pytest.raises(LearnerRaised) as raised:
            Port(transport, "double").call("double", 3.0)
    finally:
        transport.close()
    assert TOKEN not in str(raised.value)


def test_nothing_outlives_its_worker(sandbox: Sandbox, tmp_path: Path) -> None:
    """A process that asks for no signal when its parent dies, and kills or stops its whole group, ends with its worker."""
    path = tmp_path / "double.py"
    with _Family() as family:
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
            path.write_text(
                "import ctypes, os\n\ndef double(x):\n    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\n"
                f"    os.kill(0, {int(number)})\n    while True: pass\n"
            )
            transport = OtherProcess(Workspace({"double": path}), sandbox.open)
            with pytest.raises(LearnerStopped):
                Port(transport, "double", Deadline(0.3, 0.3)).call("double", 3.0)
            transport.close()
        assert family.new() == []


def test_a_process_that_does_not_read_is_stopped_too(sandbox: Sandbox, tmp_path: Path) -> None:
    """A request larger than any buffer doesn't wait for a process that never reads it, with or without a sandbox."""
    path = tmp_path / "double.py"
    path.write_text(
        textwrap.dedent("""
        import sys, time, msgspec

        def double(x):
            frame = sys._getframe()
            while frame.f_code.co_name != "serve":
                frame = frame.f_back
            far = frame.f_locals
            replies = [{"type": "Answer", "value": None}, {"type": "Answer", "value": 0.0}]
            payload = msgspec.msgpack.encode({"number": far["question"].number, "replies": replies})
            far["answers"].write(len(payload).to_bytes(8, "little") + payload)
            far["answers"].flush()
            while True:
                try:
                    time.sleep(3600)
                except BaseException:
                    pass
        """)
    )
    for start in (None, sandbox.open):
        transport = OtherProcess(Workspace({"double": path}), start)
        port = Port(transport, "double", Deadline(0.5, 0.5))
        try:
            assert port.call("double", 3.0) == 0.0
            with pytest.raises(LearnerStopped):
                port.call("double", b"x" * 2**24)
        finally:
            transport.close()


# --- Folders ----------------------------------------------------------------------------------------------------------


def _links(folder: Path) -> None:
    (folder / "double.py").symlink_to(folder.parents[1] / "secret.py")
    (folder / "twice.py").symlink_to("twice.py")


def _linked_folder(folder: Path) -> None:
    (folder / "exercises").symlink_to(folder.parents[1] / "outside")


def _pipes(folder: Path) -> None:
    os.mkfifo(folder / "double.py")
    (folder / "twice.py").mkdir()


def _sockets(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        here = os.getcwd()
        os.chdir(folder)
        try:
            line.bind("double.py")
        finally:
            os.chdir(here)


def _ten_thousand_files(folder: Path) -> None:
    for number in range(10_000):
        (folder / f"double_{number}.py").touch()


def _huge_files(folder: Path) -> None:
    for name in ("double.py", "twice.py", "notes.txt"):
        with (folder / name).open("wb") as file:
            file.truncate(2**40)


def _deep_folders(folder: Path) -> None:
    path = folder / "exercises"
    for _ in range(100):
        path = path / "exercises"
    path.mkdir(parents=True)
    (path / "double.py").write_text("def double(x):\n    return 2 * x\n")


def _odd_names(folder: Path) -> None:
    for name in (
        b"\xff\xfe.py",
        b"\x1b[2J\n.py",
        b"..double.py",
        b"<script>.py",
        "d\u00f6uble\u202e.py".encode(),
        b"-rf",
    ):
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:
            file.write(b"raise SystemExit")


def _files_for_the_tools(folder: Path) -> None:
    for name in (
        "conftest.py", "pytest.ini", "sitecustomize.py", "usercustomize.py", "x.pth", "torch.py", "random.py",
        "__init__.py", "setup.cfg", "pyproject.toml", "tox.ini", ".env", "course.yaml",
    ):  # fmt: skip
        (folder / name).write_text("raise SystemExit(0)\n")


def _archives(folder: Path) -> None:
    (folder / "double.py").write_bytes(b"PK\x03\x04" + bytes(2**19))
    (folder / "twice.py").write_bytes(b"\x1f\x8b\x08" + bytes(2**19))


def _too_much_python(folder: Path) -> None:
    (folder / "double.py").write_text("(" * 100_000)
    (folder / "twice.py").write_text("x = " + "-" * 900_000 + "1\n")


FOLDERS = [
    _links, _linked_folder, _pipes, _sockets, _ten_thousand_files, _huge_files, _deep_folders, _odd_names,
    _files_for_the_tools, _archives, _too_much_python,
]  # fmt: skip


def test_no_folder_stops_the_run_or_leads_out_of_itself(tiny_run: Run, tmp_path: Path) -> None:
    """Links, pipes, sockets, and odd names, sizes and numbers of files: each folder gets a result in printable words."""
    (tmp_path / "secret.py").write_text(f"SECRET = 'planted-solution-{TOKEN}'\n\ndef double(x):\n    return 2 * x\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "double.py").write_text((tmp_path / "secret.py").read_text())
    for build in FOLDERS:
        path = tmp_path / "class" / build.__name__.strip("_")
        path.mkdir(parents=True)
        build(path)
    odd = os.fsencode(tmp_path / "class") + b"/\xff\x1b[2J"
    os.mkdir(odd)
    with open(odd + b"/double.py", "wb") as file:
        file.write(b"def double(x):\n    return 0.0\n")
    taken = [take_in(path, tiny_run.course) for path in find_submissions(tmp_path / "class", tiny_run.course)]
    assert len(taken) == len(FOLDERS) + 1
    assert len({submission.id for submission in taken}) == len(taken)
    graded = grade(tiny_run.course, taken, jobs=1, sandbox="require")
    write_feedback(tiny_run.course, results(tiny_run.course, graded), tmp_path / "reports")
    write_results(results(tiny_run.course, graded), tmp_path / "reports")
    for result in graded:
        assert result.score == 0, result.id
        assert not result.fault
        assert result.id.isprintable()
        assert all(note.isprintable() for note in result.notes), result.notes
        assert TOKEN not in msgspec.json.encode(result).decode()
