"""Mutants: how solutions are changed, and the report of which changes the checks catch; without Cosmic Ray."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.mutants import EXPLAINED, Account, Fate, read_explained, tell
from grader.authoring import mutation
from grader.authoring.mutation import Mutant, NoCosmicRay, Position, make_mutants
from grader.course import Course

ROOT = Path(__file__).resolve().parents[2]
SOLUTION = '''\
"""Halve numbers."""

GIVEN = 2 + 2


def halve(x: float, times: int = 1 + 0) -> float:
    """Return x / 2, some times over."""
    ### BEGIN SOLUTION: Start.
    done: list[int] = []  # how often
    for _ in range(times):
        x = x / 2
        done.append(1)
    for _ in range(times):
        done.append(1)
    print(f"{x}", done)
    return x
    ### END SOLUTION
'''


@pytest.fixture
def no_cosmic_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make mutants with only our own operators, and with two changes of a number like Cosmic Ray's."""

    def changes(solution: str) -> Iterator[tuple[str, str]]:
        yield "NumberReplacer", solution.replace("x = x / 2", "x = x /  3")
        yield "NumberReplacer", solution.replace("GIVEN = 2", "GIVEN =  3")

    monkeypatch.setattr(mutation, "cosmic_changes", changes)


@pytest.mark.usefixtures("no_cosmic_ray")
def test_mutants_are_programs_that_differ_in_a_marked_line() -> None:
    """Every mutant compiles, is made only once, changes the learner's part, and says where and how."""
    mutants = make_mutants(SOLUTION)
    changes = {(mutant.position.was, mutant.position.now) for mutant in mutants}
    assert {
        ("x = x / 2", "x = x /  3"),
        ("x = x / 2", "pass"),
        ("x = x / 2", "x = (x)"),
        ("x = x / 2", "x = (x / 2).detach()"),
        ("x = x / 2", "x = times / 2"),
        ("done.append(1)", "done.extend(1)"),
        ("return x", "return times"),
    } <= changes
    assert len({mutant.text for mutant in mutants}) == len(mutants)
    for mutant in mutants:
        compile(mutant.text, "mutant", "exec")
        assert 9 <= mutant.line <= 16
        assert mutant.position.function == "halve"
    assert sorted(mutant.line for mutant in mutants) == [mutant.line for mutant in mutants]


@pytest.mark.usefixtures("no_cosmic_ray")
def test_meaningless_code_is_not_changed() -> None:
    """No mutant changes only a print or the annotation of a variable."""
    changed = [mutant.position.was for mutant in make_mutants(SOLUTION)]
    assert not [was for was in changed if "print" in was]
    assert [was for was in changed if "list[" in was] == ["done: list[int] = []"]  # the whole statement is dropped


@pytest.mark.usefixtures("no_cosmic_ray")
def test_equal_lines_are_distinguished_by_number() -> None:
    """If a line appears twice in a function, the mutants of the two have different numbers."""
    numbers = [
        m.position.nth for m in make_mutants(SOLUTION) if (m.position.was, m.position.now) == ("done.append(1)", "pass")
    ]
    assert numbers == [1, 2]


def test_without_cosmic_ray_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Cosmic Ray, the message ends with the command that installs it."""
    monkeypatch.setitem(sys.modules, "cosmic_ray.mutating", None)
    with pytest.raises(NoCosmicRay, match=r'pip install -e "\.\[mutants\]"$'):
        make_mutants(SOLUTION)


def test_the_account_lists_survivors_and_stale_entries() -> None:
    """The report lists only survivors without a reason, and entries that are caught by now or have no mutant."""
    caught, listed, unlisted, gone = (
        Position("halve", "x = x / 2", now) for now in ("pass", "x = 1", "x = 2", "x = 3")
    )
    fates = [("test_half", "timeout"), ("", "passed"), ("", "passed")]
    mutants = [Mutant(position, "Operator", 9, "") for position in (caught, listed, unlisted)]
    account = Account([(m, Fate(*f)) for m, f in zip(mutants, fates, strict=True)], explained={caught, listed, gone})
    assert [mutant.position for mutant in account.unexplained()] == [unlisted]
    assert dict(account.stale()) == {caught: "caught by test_half", gone: "no such mutant"}
    assert tell("halve", account).splitlines()[:4] == [
        "halve: 3 mutants, 1 caught (1 by the time limit), 1 explained, 1 not",
        "  survives  line 9, halve, Operator",
        "            - x = x / 2",
        "            + x = 2",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("halve:\n- why: ok\n  mutants: [{in: f, was: a, now: b}]\n", "needs a reason"),
        (
            "halve:\n- why: it is the same\n  mutants: [{in: f, was: a, now: b}, {in: f, was: a, now: b}]\n",
            "is listed twice",
        ),
        ("halve:\n- why: it is the same\n  mutants: [{in: f, was: a}]\n", "missing required field `now`"),
    ],
)
def test_a_mistake_in_the_list_of_equivalents_is_reported(tmp_path: Path, text: str, message: str) -> None:
    """An entry without a reason, one that is listed twice, and one in the wrong format are refused."""
    path = tmp_path / "equivalent_mutants.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_explained(path)


def test_explained_mutants_change_lines_of_the_solutions(course: Course) -> None:
    """Every entry names a function and lines that are in the solution; `make mutants` checks that it survives."""
    for exercise, places in read_explained(EXPLAINED).items():
        solution = (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
        bare = mutation.bare(solution.splitlines())
        for position in places:
            assert f"def {position.function.rpartition('.')[2]}(" in solution, position
            assert f"\n{position.was}\n" in bare, position


def test_the_checks_are_run_until_one_fails() -> None:
    """A solution survives, and a mutant of it is caught by a check."""
    solution = (ROOT / "solutions" / "layer_norm.py").read_text(encoding="utf-8")
    texts = [solution, solution.replace("centered / torch", "centered * torch")]
    script = (
        "import json, sys; from benchmarks.mutants import run_checks; "
        "print(json.dumps([(fate.check, fate.status) for fate in run_checks('layer_norm', json.load(sys.stdin))]))"
    )
    # In a separate process, because Hypothesis' settings apply to a whole process.
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, cwd=ROOT, check=True)
    survived, caught = json.loads(run.stdout.splitlines()[-1])
    assert survived == ["", "passed"]
    assert caught[0].startswith("test_")
    assert caught[1] == "failed"
