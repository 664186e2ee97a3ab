"""`grader bugs`: bugs in a copy of a learner's own code, to show, name and fix; their own files never change."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from grader.course import Course, load_course
from grader.course.stub import without_marks
from grader.errors import UsageError
from grader.practice.bugs import bugs_in, changed_lines, decoded, difference, overlap, planted
from grader.practice.kinds import KINDS, are_alike
from grader.practice.planting import LOUD, Account, plant
from grader.practice.showing import Order, carry_out, compare
from grader.practice.trials import Trials
from grader.study import hunting
from grader.study.bugs import Wanted, bugs
from grader.study.folder import work, write
from grader.study.hunt import Hunt, bugs_folder, load_hunts, planted_file, right_letters
from grader.study.record import Sighting, record
from grader.study.small_run import SmallRun
from tests.kit.commands import run_module

ROOT = Path(__file__).resolve().parents[2]
DOUBLE = "def double(x):\n    result = 2 * x\n    return result\n"
TWICE = "from .double import double\n\n\ndef twice(x):\n    return double(double(x))\n"
PROGRAM = '''\
import torch
from torch import nn


class Layer(nn.Module):
    """A layer."""

    def __init__(self, size, rate):
        """Make it."""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.dropout = nn.Dropout(rate)

    def forward(self, x):
        """Use it."""
        with torch.no_grad():
            mean = x.mean(dim=-1, keepdim=True)
        # Drop some.
        x = self.dropout(x - mean)
        return (x + 1.0) * self.weight
'''


def silent(sentence: str) -> None:
    raise AssertionError(sentence)


def pass_with(course: Course, exercise: str, text: str) -> None:
    """Save code, and record that it passed."""
    write(work(course, exercise), text.encode())
    checks = {check.id: "passed" for check in course.by_id[exercise].checks if check.visibility == "visible"}
    record(course, [Sighting(exercise, text.encode(), checks)], silent)


def contents(course: Course) -> dict[str, tuple[bytes, int]]:
    """Return the learner's files, byte for byte, with the times of their last changes."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in course.stubs.glob("*")}


@pytest.fixture
def tiny(tiny_course: Callable[..., Path]) -> Course:
    """Return the tiny course of a learner who has passed both exercises."""
    course = load_course(tiny_course())
    pass_with(course, "double", DOUBLE)
    pass_with(course, "twice", TWICE)
    return course


@pytest.fixture
def copy(tmp_path: Path) -> Course:
    """Copy what a learner has who passed layer_norm, without solutions or hidden checks."""
    for name in ("exercises", "tests/visible", "solutions/standins"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "course.yaml", tmp_path)
    course = load_course(tmp_path / "course.yaml")
    pass_with(course, "layer_norm", without_marks((ROOT / "solutions" / "layer_norm.py").read_text("utf-8")))
    return course


def test_bugs_are_small_changes_of_many_kinds() -> None:
    """Every bug has a kind with a sentence, and is a program; what nobody forgets is never left out."""
    bugs = bugs_in(PROGRAM)
    texts = {planted(PROGRAM, [bug]): bug for bug in bugs}
    assert {bug.kind for bug in bugs} <= set(KINDS)
    assert len({bug.kind for bug in bugs}) >= 10
    changes = {tuple(difference(PROGRAM, text)): bug for text, bug in texts.items() if text is not None}
    removed = {lines: bug.kind for lines, bug in changes.items() if not any(line.startswith("+") for line in lines)}
    assert ("-        self.dropout = nn.Dropout(rate)",) in removed
    assert not any('"""' in line or "super" in line for lines in removed for line in lines)
    plain = ("-        return (x + 1.0) * self.weight", "+        return x * self.weight")
    assert changes[plain].kind == "operand"
    mixed_up = ("-        return (x + 1.0) * self.weight", "+        return (x - 1.0) * self.weight")
    assert changes[mixed_up].kind == "sign"
    without_context = [
        "-        with torch.no_grad():",
        "-            mean = x.mean(dim=-1, keepdim=True)",
        "+        mean = x.mean(dim=-1, keepdim=True)",
    ]
    assert changes[tuple(without_context)].kind == "gradients"
    assert all(bug.function.startswith("Layer.") for bug in changes.values())


@pytest.mark.parametrize("exercise", ["layer_norm", "training_loop", "bpe_tokenizer"])
def test_every_operator_has_a_kind(exercise: str) -> None:
    """On real code, too, each bug has a kind, and those that can be planted are programs."""
    text = decoded((ROOT / "solutions" / f"{exercise}.py").read_bytes())
    bugs = bugs_in(text)
    assert {bug.kind for bug in bugs} <= set(KINDS)
    for bug in random.Random(0).sample(bugs, 30):
        changed = planted(text, [bug])
        if changed is not None:
            compile(changed, exercise, "exec")


def test_a_file_in_another_encoding_is_read() -> None:
    """Line endings of Windows, a mark at the beginning and a named encoding are all understood."""
    assert decoded(b"\xef\xbb\xbfx = 1\r\ny = 2\r\n") == "x = 1\ny = 2\n"
    assert decoded("# coding: latin-1\nx = 'ä'\n".encode("latin-1")) == "# coding: latin-1\nx = 'ä'\n"


def test_a_change_is_counted_in_lines_of_code() -> None:
    """Comments and blank lines are free; a line that is replaced counts once."""
    assert changed_lines(DOUBLE, DOUBLE.replace("\n    return", "\n\n    # Done.\n    return")) == 0
    assert changed_lines(DOUBLE, DOUBLE.replace("2 * x", "x + x")) == 1
    assert changed_lines(DOUBLE, "") == 3


def test_planted_bugs_fail_a_check_each(tiny: Course) -> None:
    """Two bugs are of different kinds, each fails a check by itself, and no wrong name is partly right."""
    with Trials(tiny, "double", {}) as trials:
        assert trials.run(DOUBLE).passes
        assert trials.run("def double(x):\n    while True:\n        pass\n").is_broken
        for seed in range(4):
            account = Account()
            made = plant(trials, DOUBLE, 1 + seed % 2, random.Random(seed), account)
            assert made is not None
            assert trials.run(made.text).fails
            for bug in made.bugs:
                alone = planted(DOUBLE, [bug])
                assert alone is not None
                assert trials.run(alone).fails
                others = set(made.options) - {other.kind for other in made.bugs}
                assert not any(are_alike(bug.kind, kind) for kind in others)
            assert len(set(made.options)) == 4
            assert not (len(made.bugs) == 2 and overlap(*made.bugs))
            again = plant(trials, DOUBLE, 1 + seed % 2, random.Random(seed))
            assert again == made


def test_equivalent_bugs_are_never_planted(tiny: Course) -> None:
    """If every change is equivalent or only raises exceptions, no two bugs are planted, and the reasons are counted."""
    with Trials(tiny, "double", {}) as trials:
        account = Account()
        assert plant(trials, "def double(x):\n    return x.__mul__(2)\n", 2, random.Random(0), account) is None
        assert LOUD in account.rejected
        assert plant(trials, "double = (2).__mul__\n", 1, random.Random(0)) is None


def order(right: Path, wrong: Path, code: str) -> Order:
    return Order(code, {"double": str(right)}, {"double": str(wrong)}, ["double"])


def test_lines_show_a_bug_only_if_the_answers_differ(tmp_path: Path) -> None:
    """Values, shapes, printed texts, exceptions and gradients count; what changes by itself doesn't."""
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(DOUBLE, encoding="utf-8")
    wrong.write_text(
        "def double(x):\n    return (x + 2).detach() if hasattr(x, 'detach') else x + 2\n", encoding="utf-8"
    )
    shown = carry_out(order(right, wrong, "double(3)"))
    assert shown.differ
    assert shown.sentence == "With the bug it gives 5. Your own code gives 6."
    assert not carry_out(order(right, wrong, "double(2)")).differ
    assert not carry_out(order(right, wrong, "double(2 + 1e-9)")).differ
    assert carry_out(order(right, wrong, "from exercises.double import double as d\nprint(d(4))")).differ
    assert carry_out(order(right, wrong, "double('ab')")).differ
    assert carry_out(order(right, wrong, "x = tensor([2.], requires_grad=True)\ndouble(x)")).differ
    assert not carry_out(order(right, wrong, "double(nn.Linear)")).differ
    unsteady = carry_out(order(right, wrong, "import time\ndouble(time.time_ns())"))
    assert not unsteady.differ
    assert "doesn't give the same twice" in unsteady.sentence
    assert "This isn't Python" in carry_out(order(right, wrong, "double(")).sentence


def test_lines_run_in_a_process_of_their_own(tmp_path: Path) -> None:
    """Lines that end their process, even at once, are answered with a sentence."""
    file = tmp_path / "double.py"
    file.write_text(DOUBLE, encoding="utf-8")
    shown = compare(order(file, file, "import os\nos._exit(3)"))
    assert not shown.differ
    assert "ended without an answer" in shown.sentence


def test_a_hunt_goes_from_showing_to_fixing(tiny: Course) -> None:
    """Show, name, fix, in this order; the file with the bug is in bugs/, and is gone in the end."""
    before = contents(tiny)
    hunt = hunting.begin(tiny, "double", 1, 1, silent)
    path = planted_file(tiny, hunt)
    assert path.read_text(encoding="utf-8") == hunt.planted != DOUBLE
    assert (bugs_folder(tiny) / ".gitignore").read_text(encoding="utf-8") == "*\n"
    with pytest.raises(UsageError, match="--skip"):
        hunting.name(tiny, "a", silent)
    with pytest.raises(UsageError, match="grader bugs --stop"):
        hunting.begin(tiny, "twice", 1, None, silent)
    assert not hunting.show(tiny, "3 + 4", silent).is_right
    assert hunting.show(tiny, "[double(x) for x in (0.0, 1.0, 2.5)]", silent).is_right
    with pytest.raises(UsageError, match="of the letters"):
        hunting.name(tiny, "ab", silent)
    assert hunting.name(tiny, right_letters(hunt)[0], silent).is_right
    assert not hunting.check(tiny, silent, printing=False).is_right
    path.write_text("\n".join([*(f"a{number} = {number}" for number in range(20)), DOUBLE]), encoding="utf-8")
    large = hunting.check(tiny, silent, printing=False)
    assert "you changed 2" in large.sentences[0]
    path.write_text(DOUBLE.replace("2 * x", "x + x"), encoding="utf-8")
    fixed = hunting.check(tiny, silent, printing=False)
    assert fixed.is_right, fixed.sentences
    assert "Shown: at try 2. Named: right. Fixed: at try 3." in fixed.sentences
    assert not bugs_folder(tiny).exists()
    assert contents(tiny) == before
    [finished] = load_hunts(tiny, silent).finished
    assert (finished.shown, finished.named, finished.fixed) == (True, True, True)


def test_steps_can_be_skipped_and_a_hunt_given_up(tiny: Course) -> None:
    """Each step is told if the learner goes on without; in the end, so is the line."""
    pass_with(
        tiny,
        "double",
        "def double(x, times=2):\n    s = 0\n    for i in range(times):\n        s = s + x\n    return s\n",
    )
    hunt = hunting.begin(tiny, "double", 2, 5, silent)
    assert len(hunt.bugs) == 2
    case = hunting.skip(tiny, silent).sentences
    assert case[0].startswith("Here is an input")
    assert len(case) > 1
    told = hunting.skip(tiny, silent).sentences
    assert KINDS[hunt.bugs[0].kind] in told
    with pytest.raises(UsageError, match="--stop"):
        hunting.skip(tiny, silent)
    where = hunting.stop(tiny, silent).sentences
    assert where[0].startswith("The bugs were in")
    assert any(line.startswith("    +") for line in where)
    with pytest.raises(UsageError, match="no bug at the moment"):
        hunting.stop(tiny, silent)


def test_every_hunt_has_another_bug_unless_it_is_told_the_seed(tiny: Course) -> None:
    """The seed depends on the learner's number and on the hunts before; a given one plants the same again."""
    seeds = []
    for seed in (None, None, 7, 7):
        hunt = hunting.begin(tiny, "double", 1, seed, silent)
        seeds.append((hunt.seed, hunt.planted))
        hunting.stop(tiny, silent)
    assert seeds[0][0] != seeds[1][0]
    assert seeds[2] == seeds[3]


def test_only_code_that_passed_gets_bugs(tiny_course: Callable[..., Path]) -> None:
    """Without such code, and if it no longer passes, a sentence says what to run."""
    course = load_course(tiny_course())
    with pytest.raises(UsageError, match="none has yet"):
        hunting.begin(course, None, 1, None, silent)
    with pytest.raises(UsageError, match="grader check double"):
        hunting.begin(course, "double", 1, None, silent)
    pass_with(course, "double", DOUBLE.replace("2", "3"))
    with pytest.raises(UsageError, match="doesn't any longer"):
        hunting.begin(course, "double", 1, None, silent)
    with pytest.raises(UsageError, match="no level 4"):
        hunting.begin(course, "double", 4, None, silent)


def test_code_that_was_changed_since_is_left_alone(tiny: Course) -> None:
    """The bug is planted in the code that passed, whatever is in exercises/ now."""
    write(work(tiny, "double"), b"def double(x):  # half written\n")
    hunt = hunting.begin(tiny, "double", 1, 1, silent)
    assert hunt.right["double"] == DOUBLE
    hunting.stop(tiny, silent)
    assert work(tiny, "double").read_bytes() == b"def double(x):  # half written\n"


KILLED = """\
import os, signal, sys
from pathlib import Path
from grader import files
from grader.course import load_course
from grader.study import folder, hunting

left = int(sys.argv[2])

def write_whole(path, content):
    global left
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_bytes(content[: len(content) // 2])
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    scratch.unlink()
    files.write_whole(path, content)

folder.write_whole = write_whole
hunting.begin(load_course(Path(sys.argv[1])), "twice", 1, 1, print)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_kill_in_the_middle_of_planting_changes_nothing(tiny: Course) -> None:
    """Whichever file is being written, the learner's stay as they are, and the next command goes on or starts over."""
    before = contents(tiny)
    for number in range(20):
        command = [sys.executable, "-c", KILLED, str(tiny.file), str(number)]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert contents(tiny) == before
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL, run.stderr
        hunt = hunting.current_hunt(tiny, silent)
        assert hunt is None or planted_file(tiny, hunt).read_text(encoding="utf-8") == hunt.planted
        if hunt is not None:
            hunting.stop(tiny, silent)
            assert contents(tiny) == before
    # Each of the state and three planted files was once half written.
    assert 4 <= number < 20


def test_files_that_are_gone_or_unknown_do_no_harm(tiny: Course) -> None:
    """A deleted file is written again; without the state, the next hunt keeps what is in its way."""
    hunt = hunting.begin(tiny, "double", 1, 1, silent)
    path = planted_file(tiny, hunt)
    path.unlink()
    assert hunting.current_hunt(tiny, silent) is not None
    assert path.read_text(encoding="utf-8") == hunt.planted
    path.write_text("mine = 1\n", encoding="utf-8")
    state = tiny.root / "progress" / "bugs.json"
    state.write_text("{", encoding="utf-8")
    told: list[str] = []
    again = hunting.begin(tiny, "double", 1, 1, told.append)
    assert "Your own files are as they were" in told[0]
    assert path.read_text(encoding="utf-8") == again.planted
    assert path.with_name("double.py.1.old").read_text(encoding="utf-8") == "mine = 1\n"


def test_the_command_leads_through_a_hunt(copy: Course) -> None:
    """In a pipe, each command says what to type next; `--json` answers the same as data, and keeps the secret."""

    def typed(*words: str, status: int = 0) -> str:
        run = run_module("grader", "bugs", *words, cwd=copy.root)
        assert run.returncode == status, run.stdout + run.stderr
        return run.stdout + run.stderr

    begun = typed("layer_norm", "--seed", "2")
    assert "There is a bug in bugs/layer_norm.py" in begun
    assert "grader bugs --show" in begun
    hunt = load_hunts(copy, silent).current
    assert isinstance(hunt, Hunt)
    data = json.loads(typed("--json"))
    assert (data["command"], data["file"], data["step"]) == ("bugs", "bugs/layer_norm.py", "show")
    assert "Here is an input on which it fails" in typed("--skip")
    assert "2. Name it" in typed()
    wrong = next(letter for letter in "abcd" if letter not in right_letters(hunt))
    assert "No. Right would be" in typed("--name", wrong)
    assert "Not fixed yet" in typed("--check")
    shutil.copy(copy.stubs / "layer_norm.py", planted_file(copy, hunt))
    fixed = json.loads(typed("--check", "--json"))
    assert fixed["is_right"]
    assert "Named: wrong" in " ".join(fixed["sentences"])
    assert "no bug at the moment" in typed("--stop", status=2)


def test_a_terminal_asks_for_one_step_after_another(tiny: Course) -> None:
    """A wrong answer is asked for again, `q` leaves the hunt for later, and the fix ends it."""
    typed = iter(["double(", "s", "q", "z", "right", "", "fix", ""])

    def prompt(text: str) -> str:
        hunt = hunting.current_hunt(tiny, silent)
        assert hunt is not None
        answer = next(typed)
        if answer == "fix":
            planted_file(tiny, hunt).write_text(DOUBLE, encoding="utf-8")
        return {"right": right_letters(hunt)[0], "fix": ""}.get(answer, answer)

    first = [str(part) for part in bugs(tiny, Wanted("double", seed=1), prompt, silent)]
    assert first[0].startswith("Planting a bug")
    assert any("This isn't Python" in part for part in first)
    assert first[-1] == "The bug waits for you. To go on: grader bugs"
    rest = [str(part) for part in bugs(tiny, Wanted(), prompt, silent)]
    assert any("Answer with 1 of the letters" in part for part in rest)
    assert any(part.startswith("Not fixed yet") for part in rest)
    assert any("Shown: no. Named: right. Fixed: at try 2." in part for part in rest)
    assert next(typed) == ""


def test_a_run_is_bad_if_it_learns_and_ends_worse() -> None:
    """A run that diverges, learns nothing, or is as good, doesn't suit; a fix has to bring the curve back."""
    right = SmallRun((3.8, 2.5, 2.1), "", "")
    for losses, is_bad in (((3.8, 2.6, 2.5), True), ((3.8, 2.6, 2.2), False), ((3.8, 3.8, 3.8), False)):
        assert SmallRun(losses, "", "").trains_badly(right) == is_bad, losses
    assert not SmallRun((3.8, 2.6, float("nan")), "", "").trains_badly(right)
    assert SmallRun((3.8, 2.15), "", "").is_as_good_as(right)
    assert not SmallRun((3.8, 2.5), "", "").is_as_good_as(right)


MINI = """\
from grader.study.small_run import SmallRun

SMALL_RUN_USES = ("double", "twice")


def run(parts, order):
    pass


def small_run(parts):
    value = parts.take("twice", "twice")(1.0)
    return SmallRun((4.0, 1.0 + abs(value - 4.0) / 5), "a curve", f"it says {value}")
"""


def test_a_small_gpt_trains_badly_until_it_is_fixed(tiny: Course) -> None:
    """On level 3, the run is shown, the module is a secret until it is named, and a fix brings the run back."""
    text = tiny.file.read_text(encoding="utf-8")
    tiny.file.write_text(f"{text}capstone: {{module: mini, uses: [double, twice]}}\n", encoding="utf-8")
    write(tiny.root / "mini" / "__init__.py", MINI.encode())
    write(tiny.root / "mini" / "standins" / "twice.py", b"def twice(x):\n    return 4 * x\n")
    course = load_course(tiny.file)
    before = contents(course)
    shown = " ".join(str(part) for part in bugs(course, Wanted(level=3, seed=1), None, silent))
    hunt = hunting.current_hunt(course, silent)
    assert hunt is not None
    assert hunt.runs is not None
    right, planted_run = hunt.runs
    assert right.end == 1.0
    assert planted_run.trains_badly(right)
    assert f"the loss stops at {planted_run.end:.2f}. Your own code gets to 1.00." in shown
    assert "it says" in shown
    assert sorted(hunt.options) == ["double", "twice"]
    data = json.loads(next(iter(bugs(course, Wanted(in_json=True), None, silent))).plain)  # type: ignore[union-attr]
    assert (data["exercise"], data["file"], data["losses"]) == ("", "bugs", [1.0, planted_run.end])
    with pytest.raises(UsageError, match="in your small GPT"):
        hunting.begin(course, None, 1, None, silent)
    assert hunting.name(course, right_letters(hunt)[0], silent).is_right
    assert not hunting.check(course, silent, printing=False).is_right
    planted_file(course, hunt).write_text(hunt.right[hunt.exercise], encoding="utf-8")
    fixed = hunting.check(course, silent, printing=False)
    assert fixed.is_right, fixed.sentences
    assert "Named: right. Fixed: at try 2." in fixed.sentences
    assert contents(course) == before


@pytest.fixture
def other_capstone() -> Iterator[None]:
    """Let a test import another course's capstone; afterward, the project's is back for other tests."""

    def imported() -> dict[str, ModuleType]:
        return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "capstone"}

    before = imported()
    yield
    for name in imported():
        del sys.modules[name]
    sys.modules.update(before)


@pytest.mark.usefixtures("other_capstone")
def test_a_small_gpt_needs_modules_that_passed(copy: Course) -> None:
    """With a single module that passed, or without a capstone, level 3 says what to do instead."""
    shutil.copytree(ROOT / "capstone", copy.root / "capstone")
    with pytest.raises(UsageError, match="at least two of these"):
        hunting.begin(copy, None, 3, None, silent)
