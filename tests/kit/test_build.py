"""Stubs, golden records and cases are generated from their sources, and outdated ones are found."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.generate import build, stale_files
from grader.course import load_course
from grader.course.stub import make_stub
from grader.diagnosis import load, save
from grader.errors import CourseError
from tests.kit.small_catalog import catalog

SOLUTION = '''\
"""Goal."""


def one() -> int:
    """Return one."""
    ### BEGIN SOLUTION: Start "here".
    return 1
    ### END SOLUTION
'''


def test_a_stub_says_where_to_start() -> None:
    """The marked part becomes an error with the mark's sentence; the rest stays."""
    stub = make_stub(SOLUTION)
    assert (
        stub
        == '"""Goal."""\n\n\ndef one() -> int:\n    """Return one."""\n    raise NotImplementedError("Start \\"here\\".")\n'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SOLUTION.replace("### END SOLUTION\n", ""), "no END SOLUTION"),
        (SOLUTION.replace(': Start "here".', ""), "where to start"),
        (SOLUTION.replace('    ### BEGIN SOLUTION: Start "here".\n', ""), "has no BEGIN SOLUTION"),
        ("x = 1\n", "no part between"),
        (SOLUTION.replace("def one() -> int:\n", "").replace("### BEGIN", "    ### BEGIN"), "not valid Python"),
    ],
)
def test_bad_marks_are_told(text: str, message: str) -> None:
    """Each wrong way of marking a solution has its own message."""
    with pytest.raises(CourseError, match=message):
        make_stub(text)


def test_a_record_from_another_machine_is_not_stale(tiny_course: Callable[..., Path]) -> None:
    """In float32, machines differ in the seventh digit; in float64, that is a change."""
    check = """\
        import torch


        def test_golden(learner, golden):
            '''Recorded.'''
            for dtype in (torch.float32, torch.float64):
                golden.expect(str(dtype), learner.call("double", torch.tensor([1.5, -0.5], dtype=dtype)))
        """
    path = tiny_course(tests__visible__test_double_dot_py=check)
    tiny = load_course(path)
    (path.parent / "exercises").mkdir()
    build(tiny)
    record = tiny.golden / "double.json"
    text = record.read_text()
    parts = text.partition("torch.float64")
    assert all("3.0" in part for part in parts[::2])
    record.write_text("".join((parts[0].replace("3.0", "3.0000007"), *parts[1:])))
    assert stale_files(tiny) == []
    record.write_text("".join((*parts[:2], parts[2].replace("3.0", "3.0000007"))))
    assert stale_files(tiny) == [record]
    record.write_text("".join((parts[0].replace("3.0", "3.01"), *parts[1:])))
    assert stale_files(tiny) == [record]


def test_a_changed_source_makes_its_files_stale(tiny_course: Callable[..., Path]) -> None:
    """A stub is out of date after its solution changes, a golden record after its check does; building fixes both."""
    golden = (
        'def test_golden(learner, golden):\n    """Recorded."""\n    golden.expect("a", learner.call("double", 1.5))\n'
    )
    path = tiny_course(tests__visible__test_double_dot_py=golden)
    tiny = load_course(path)
    (path.parent / "exercises").mkdir()
    names = {file.name for file in build(tiny)}
    assert names == {"double.py", "twice.py", "double.json"}
    assert stale_files(tiny) == []
    solution = tiny.solutions / "double.py"
    solution.write_text(solution.read_text().replace("Multiply.", "Add."))
    assert [file.name for file in stale_files(tiny)] == ["double.py"]
    check = tiny.check_folder("visible") / "test_double.py"
    check.write_text(check.read_text().replace("1.5", "2.5"))
    assert [file.name for file in build(tiny)] == ["double.py", "double.json"]
    assert "5.0" in (tiny.golden / "double.json").read_text()
    assert 'raise NotImplementedError("Add.")' in (tiny.stubs / "double.py").read_text()


def test_recorded_cases_stay_when_only_a_sentence_changes(tiny_course: Callable[..., Path]) -> None:
    """Rewording a mistake renews the sentences in the cases file; a mistake that answers differently renews the cases too."""
    tiny = load_course(tiny_course(**catalog("adds_one", "halves")))
    (tiny.root / "exercises").mkdir()
    build(tiny)
    recorded = tiny.cases("visible") / "double.json"
    before = load(recorded)
    # No build would choose the same case twice.
    chosen = dataclasses.replace(before, cases=[*before.cases, before.cases[0]])
    save(chosen, recorded)
    mistakes = tiny.solutions / "misconceptions" / "double.yaml"
    mistakes.write_text(mistakes.read_text(encoding="utf-8").replace("You err", "You slip", 1), encoding="utf-8")
    assert {path.parent.name for path in stale_files(tiny)} == {"cases"}
    build(tiny)
    assert load(recorded).cases == chosen.cases
    assert [mistake.did for mistake in load(recorded).misconceptions] == ["You slip.", "You err."]
    mistakes.write_text(mistakes.read_text(encoding="utf-8").replace("=> x + 1", "=> x + 3"), encoding="utf-8")
    build(tiny)
    assert len(load(recorded).cases) == len(before.cases)


def test_one_exercise_alone_can_be_built(tiny_course: Callable[..., Path]) -> None:
    """Building one exercise leaves outdated files of others alone, golden records included."""
    golden = 'def {0}(learner, golden):\n    """Recorded."""\n    golden.expect("a", learner.call("{1}", 1.5))\n'
    checks = {"double": "test_double_three", "twice": "test_twice_four"}
    texts = {f"tests__visible__test_{name}_dot_py": golden.format(check, name) for name, check in checks.items()}
    tiny = load_course(tiny_course(**texts))
    tiny.golden.mkdir()
    (tiny.golden / "twice.json").write_text("{}", encoding="utf-8")
    assert {path.name for path in build(tiny, tiny.by_id["double"])} == {"double.py", "double.json"}
    assert {path.name for path in stale_files(tiny)} == {"twice.py", "twice.json"}
    assert (tiny.golden / "twice.json").read_text(encoding="utf-8") == "{}"


def test_a_missing_solution_is_told(tiny_course: Callable[..., Path]) -> None:
    """An exercise without a solution can't be built, and the message says what to write."""
    tiny = load_course(tiny_course())
    (tiny.solutions / "twice.py").unlink()
    with pytest.raises(CourseError, match=r"Write solutions/twice\.py"):
        build(tiny)
    shutil.rmtree(tiny.solutions)
