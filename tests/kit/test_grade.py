"""Grading, end to end: solutions, stubs, styles, mistakes, and everything that isn't a proper submission."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec
import pytest

from grader.course import BuiltinsPolicy, Course, load_course, part_of
from grader.errors import GraderFailed, MissingPackage, NoSandbox, NoSubmissions, SameName
from grader.failures.rows import Row
from grader.grading import GraderPool, Submission, find_submissions, take_in
from grader.grading.folder import grade_folder
from grader.grading.process_start import prepare_processes, process_context
from grader.grading.results import BuiltinsUsed, FailsTogether, SubmissionResult, results
from grader.grading.run import grade
from grader.reports.feedback import feedback, write_results
from grader.reports.score_in_words import exercise_notes

TinyCourse = Callable[..., Path]
RIGHT = {
    "double": "def double(x):\n    return 2 * x\n",
    "twice": "from .double import double\n\ndef twice(x):\n    return double(double(x))\n",
}


def submission(name: str, sources: Mapping[str, str | bytes]) -> Submission:
    """Make a submission from texts."""
    encoded = {module: text.encode() if isinstance(text, str) else text for module, text in sources.items()}
    return Submission(name, encoded, ())


def solutions(course: Course) -> dict[str, str]:
    """Return the texts of the solutions."""
    return {e.id: (course.solutions / f"{e.id}.py").read_text(encoding="utf-8") for e in course.exercises}


def statuses(result: SubmissionResult) -> dict[str, str]:
    """Return each exercise's status."""
    return {name: exercise.status for name, exercise in result.exercises.items()}


def score_of(result: SubmissionResult) -> tuple[float, float]:
    """Return score and maximum."""
    return result.score, result.max_score


@pytest.mark.slow
def test_solutions_are_perfect_and_stubs_are_not_started_five_times_over(course: Course) -> None:
    """The solutions get full marks and the stubs count as not started, five times over in parallel."""
    stubs = {e.id: (course.stubs / f"{e.id}.py").read_text(encoding="utf-8") for e in course.exercises}
    given = [submission(f"solution-{n}", solutions(course)) for n in range(5)]
    given += [submission(f"stub-{n}", stubs) for n in range(5)]
    graded = grade(course, given)
    for result in graded[:5]:
        failed = [f"{c.id}\n{c.rows}" for e in result.exercises.values() for c in e.checks if c.status != "passed"]
        assert not failed, "\n".join(failed)
        assert result.score == result.max_score > 0
    for result in graded[5:]:
        assert result.score == 0
        assert set(statuses(result).values()) == {"not_started"}
    for same in (graded[:5], graded[5:]):
        assert len({msgspec.json.encode(msgspec.structs.replace(result, id="")) for result in same}) == 1


def test_a_class_is_graded_whatever_it_holds(tiny_course: TinyCourse) -> None:
    """Right, wrong, broken, endless, dying and empty submissions each get their result, and none affects another."""
    tiny = load_course(tiny_course())
    endless = "def double(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass\n"
    given = {
        "right": RIGHT,
        "wrong": RIGHT | {"double": "def double(x):\n    return x + 1\n"},
        "syntax": RIGHT | {"double": "def double(:\n"},
        "binary": RIGHT | {"double": b"\x00\x01\xff"},
        "endless": RIGHT | {"double": endless},
        "dies": RIGHT | {"double": "import os\n\ndef double(x):\n    os._exit(0)\n"},
        "dies-early": RIGHT | {"double": "import os\nos._exit(0)\n"},
        "exits": RIGHT | {"double": "import sys\n\ndef double(x):\n    sys.exit(0)\n"},
        "empty": {},
        "nothing-inside": {"double": "", "twice": ""},
        "noisy": {
            m: "import sys, warnings\nprint('x' * 10**6)\nprint('PASSED', file=sys.stderr)\n" + t
            for m, t in RIGHT.items()
        },
    }
    graded = {r.id: r for r in grade(tiny, [submission(name, sources) for name, sources in given.items()])}
    outcomes = {name: (*score_of(result), *statuses(result).values()) for name, result in graded.items()}
    assert outcomes == {
        "right": (6, 6, "passed", "passed"),
        "wrong": (4, 6, "failed", "passed"),
        "syntax": (4, 6, "error", "passed"),
        "binary": (4, 6, "error", "passed"),
        "endless": (4, 6, "failed", "passed"),
        "dies": (4, 6, "error", "passed"),
        "dies-early": (4, 6, "error", "passed"),
        "exits": (4, 6, "failed", "passed"),
        "empty": (0, 6, "not_started", "not_started"),
        "nothing-inside": (0, 6, "failed", "failed"),
        "noisy": (6, 6, "passed", "passed"),
    }
    assert {c.status for c in graded["endless"].exercises["double"].checks} == {"timeout"}
    assert not any(result.fault for result in graded.values())


def test_error_is_carried_forward(tiny_course: TinyCourse) -> None:
    """A wrong or missing part costs only its own points, and the report says both."""
    tiny = load_course(tiny_course())
    given = [
        submission("wrong", RIGHT | {"double": "def double(x):\n    return x + 1\n"}),
        submission("missing", {"twice": RIGHT["twice"]}),
        submission("stub", RIGHT | {"double": "def double(x):\n    raise NotImplementedError('Multiply.')\n"}),
        submission("hangs", RIGHT | {"double": "def double(x):\n    while True: pass\n"}),
        submission(
            "both", RIGHT | {"double": "def double(x):\n    return 3 * x\n", "twice": "def twice(x):\n    return x\n"}
        ),
    ]
    wrong, missing, stub, hangs, both = grade(tiny, given)
    assert hangs.exercises["twice"].status == "passed"
    assert hangs.exercises["twice"].together == FailsTogether(["double"], [])
    assert wrong.exercises["twice"].status == "passed"
    assert exercise_notes(wrong.exercises["twice"]) == [
        "Correct on its own (tested with stand-ins), but fails with your double."
    ]
    for result in (missing, stub):
        assert statuses(result) == {"double": "not_started", "twice": "passed"}
        assert result.exercises["twice"].together == FailsTogether([], ["double"])
        assert exercise_notes(result.exercises["twice"]) == [
            "Correct on its own (tested with stand-ins); double is not written yet."
        ]
    assert statuses(both) == {"double": "failed", "twice": "failed"}
    assert both.exercises["twice"].together is None
    assert exercise_notes(both.exercises["twice"]) == []


@pytest.mark.slow
def test_a_wrong_layer_norm_does_not_cost_the_block_its_points(course: Course) -> None:
    """The same with the real exercises: layer_norm loses points, gpt_block does not."""
    sources = solutions(course)
    sources["layer_norm"] = sources["layer_norm"].replace("self.scale * normalized", "normalized")
    (result,) = grade(course, [submission("x", sources)])
    assert result.exercises["layer_norm"].status == "failed"
    assert result.exercises["gpt_block"].status == "passed"
    assert result.exercises["gpt_block"].together == FailsTogether(["layer_norm"], [])


def test_results_have_the_published_form(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """`results.json` contains what docs/results.md says, and is the same in every run."""
    tiny = load_course(tiny_course())
    written = []
    for run in range(2):
        graded = grade(tiny, [submission("b", RIGHT), submission("a", {"double": "def double(x):\n    return 1.0\n"})])
        folder = tmp_path / str(run)
        write_results(results(tiny, graded), folder)
        written.append((folder / "results.json").read_bytes())
    assert written[0] == written[1]
    decoded = json.loads(written[0])
    assert decoded["schema"] == 2
    assert decoded["course"].keys() == {"id", "title", "grader", "python", "torch", "version"}
    assert [entry["id"] for entry in decoded["submissions"]] == ["a", "b"]
    exercise = decoded["submissions"][0]["exercises"]["double"]
    fields = {"status", "score", "max_score", "together", "builtins", "checks", "remarks", "behavior"}
    assert exercise.keys() == fields
    first = exercise["checks"][0]
    assert {
        key: first[key] for key in ("id", "title", "visibility", "status", "points", "score", "category", "mistakes")
    } == {
        "id": "test_double_three",
        "title": "Twice 3 is 6.",
        "visibility": "visible",
        "status": "failed",
        "points": 1,
        "score": 0,
        "category": "wrong values",
        "mistakes": [],
    }
    assert first["counterexample"] == "from exercises.double import double\ndouble(3.0)"
    assert first["rows"] == [
        {"kind": "called", "lines": ["double(3.0)"], "about": ["double"]},
        {"kind": "got", "lines": ["1.0"]},
        {"kind": "expected", "lines": ["6.0"]},
        {"kind": "differs", "lines": ["the result"]},
        {"kind": "hint", "lines": ["Adding one is not doubling."]},
        {"kind": "see", "exercise": "double"},
        {"kind": "rerun", "lines": ["test_double_three"]},
    ]


@pytest.mark.parametrize(
    ("policy", "shown", "withheld"),
    [
        ("category", ["A hidden check: wrong values."], ["double(0.0)", "differs", "expected", "every number"]),
        ("title", ["Doubling holds for every number."], ["double(0.0)", "differs", "expected"]),
        ("message", ["got", "6.0"], ["double(0.0)", "expected", "differs", "0.0"]),
        ("case", ["double(0.0)", "differs", "expected"], []),
    ],
)
def test_feedback_tells_of_hidden_checks_what_the_course_allows(
    tiny_course: TinyCourse, policy: str, shown: list[str], withheld: list[str]
) -> None:
    """About a hidden check, a student reads the title and hint, and more only if course.yaml says so."""
    path = tiny_course()
    path.write_text(path.read_text().replace("title: A tiny course", f"title: T\nhidden_feedback: {policy}"))
    tiny = load_course(path)
    (result,) = grade(tiny, [submission("x", {"double": "def double(x):\n    return 6.0\n"})])
    assert result.exercises["double"].checks[1].rows[0] == Row("called", ("double(0.0)",), about=("double",))
    text = feedback(tiny, result)
    assert all(words in text for words in shown)
    assert not any(words in text for words in withheld)


def test_files_that_are_not_modules_are_named_and_not_read(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Links, folders, pipes, huge files and foreign names are left out with a note."""
    tiny = load_course(tiny_course())
    folder = tmp_path / "given"
    folder.mkdir()
    secret = tmp_path / "secret.py"
    secret.write_text("SECRET = 1")
    (folder / "double.py").symlink_to(secret)
    (folder / "conftest.py").write_text("raise SystemExit")
    (folder / "more").mkdir()
    taken = take_in(folder, tiny)
    assert taken.sources == {}
    assert "double.py was ignored: it is a link" in taken.notes[0]
    assert "conftest.py" in taken.notes[1]
    (folder / "double.py").unlink()
    os.mkfifo(folder / "double.py")
    assert "not a regular file" in take_in(folder, tiny).notes[0]
    (folder / "double.py").unlink()
    (folder / "double.py").mkdir()
    assert "not a regular file" in take_in(folder, tiny).notes[0]
    (folder / "double.py").rmdir()
    (folder / "double.py").write_bytes(b"#" * (2**20 + 1))
    assert "over the limit" in take_in(folder, tiny).notes[0]


def test_submissions_are_found(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """A folder with modules, or with `exercises/`, is one submission; otherwise each folder in it is one."""
    tiny = load_course(tiny_course())
    school = tmp_path / "school"
    for name in ("ann", "bob", ".git", "__pycache__"):
        (school / name).mkdir(parents=True)
    (school / "ann" / "double.py").write_text(RIGHT["double"])
    (school / "bob" / "exercises").mkdir()
    (school / "bob" / "exercises" / "double.py").write_text(RIGHT["double"])
    assert [path.name for path in find_submissions(school, tiny)] == ["ann", "bob"]
    assert find_submissions(school / "bob", tiny) == [school / "bob"]
    assert take_in(school / "bob", tiny).sources.keys() == {"double"}


def test_nothing_to_grade_is_an_error_that_says_what_to_do(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """A missing path, a file and an empty folder each get a message."""
    tiny = load_course(tiny_course())
    (tmp_path / "file.txt").write_text("")
    (tmp_path / "hollow").mkdir()
    for path, message in (("nowhere", "doesn't exist"), ("file.txt", "is a file"), ("hollow", "neither modules")):
        with pytest.raises(NoSubmissions, match=message):
            find_submissions(tmp_path / path, tiny)


def test_checks_that_cannot_be_collected_stop_the_run(tiny_course: TinyCourse) -> None:
    """A mistake in a check file is the course's, and is reported before anything is graded."""
    path = tiny_course(
        tests__visible__test_double_dot_py='import nothing_of_the_kind\n\n\ndef test_x(learner):\n    """T."""\n'
    )
    with pytest.raises(GraderFailed, match="can't collect the checks"):
        grade(load_course(path), [submission("x", RIGHT)])


def test_after_checks_that_cannot_be_collected_a_pool_begins_again(tiny_course: TinyCourse) -> None:
    """What was being graded when it failed isn't taken for the next submission."""
    path = tiny_course(
        tests__visible__test_double_dot_py='import nothing_of_the_kind\n\n\ndef test_x(learner):\n    """T."""\n'
    )
    given = {name: Submission(name, {name: text.encode()}, ()) for name, text in RIGHT.items()}
    with GraderPool(load_course(path), jobs=1) as graders:
        with pytest.raises(GraderFailed, match="can't collect the checks"):
            graders.grade([given["double"]])
        (result,) = graders.grade([given["twice"]])
        assert result.id == "twice"


def test_without_a_package_that_an_exercise_needs_nobody_gets_0(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Grading stops and says what to install. If the exercise is left out, the others are graded."""
    solutions = {"double": RIGHT["double"], "twice": "import no_such_package\n" + RIGHT["twice"]}
    path = tiny_course(**{f"solutions__{name}_dot_py": text for name, text in solutions.items()})
    for name, text in RIGHT.items():
        (tmp_path / "ada").mkdir(exist_ok=True)
        (tmp_path / "ada" / f"{name}.py").write_text(text)
    course = load_course(path)
    with pytest.raises(MissingPackage, match=r"twice needs no_such_package, .* Run: pip install no-such-package"):
        grade_folder(tmp_path / "ada", course)
    graded = grade_folder(tmp_path / "ada", part_of(course, ["double"], [], []))
    assert graded.results.submissions[0].score == graded.results.submissions[0].max_score > 0


@pytest.mark.parametrize("seconds", [0.2, 1e9])
def test_a_killed_process_that_forks_is_waited_for(
    tiny_course: TinyCourse, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """A dying grader process doesn't answer for a moment and isn't gone yet; if that doesn't end, grading says so."""
    context = process_context()
    start, began = context.Process.start, time.monotonic()

    def refuse(process: BaseProcess) -> None:
        if time.monotonic() < began + seconds:
            raise ConnectionRefusedError(111, "Connection refused")
        start(process)

    monkeypatch.setattr(context.Process, "start", refuse)
    given = [submission("right", RIGHT)]
    with (
        pytest.raises(GraderFailed, match=r"cannot be started: .*refused") if seconds > 1 else contextlib.nullcontext()
    ):
        (result,) = grade(load_course(tiny_course()), given, jobs=1, sandbox="off")
        assert result.score == result.max_score


def test_the_learners_process_gets_nothing_of_ours(tiny_course: TinyCourse) -> None:
    """The environment is scrubbed, and the modules are in their own folder."""
    spy = "import os\n\ndef double(x):\n    return 2 * x if 'SECRET_TOKEN' not in os.environ else 0.0\n"
    os.environ["SECRET_TOKEN"] = "x"
    try:
        (result,) = grade(load_course(tiny_course()), [submission("spy", RIGHT | {"double": spy})])
    finally:
        del os.environ["SECRET_TOKEN"]
    assert result.score == result.max_score


def test_an_unreadable_file_is_a_note(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Unreadable files are reported, and the rest is graded."""
    tiny = load_course(tiny_course())
    path = tmp_path / "given" / "double.py"
    path.parent.mkdir()
    path.write_text(RIGHT["double"])
    path.chmod(0)
    taken = take_in(path.parent, tiny)
    if os.geteuid() == 0:
        assert taken.sources.keys() == {"double"}, "root reads everything"
    else:
        assert "not readable" in taken.notes[0]
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


@pytest.mark.parametrize(("policy", "share"), [("note", 1.0), ("deduct", 0.25), ("forbid", 0.0)])
def test_builtins_that_are_the_exercise_are_seen_under_any_name(
    tiny_course: TinyCourse, policy: BuiltinsPolicy, share: float
) -> None:
    """Uses of a torch function or a module are noticed while the code runs, aliases included; the course sets the result."""
    path = tiny_course()
    block = f"title: Double\n    builtins: {{names: [torch.add, statistics], policy: {policy}, keep: 0.25}}"
    path.write_text(path.read_text().replace("title: Double", block))
    alias = "import torch\n\nplus = getattr(torch, 'a' + 'dd')\n\ndef double(x):\n    return plus(torch.tensor(x), x).item()\n"
    module = "def double(x):\n    stats = __import__('statis' + 'tics')\n    return 2.0 * stats.fmean([x])\n"
    alias = alias.replace("torch.tensor(x)", "torch.tensor(x, dtype=torch.float64)")
    aliased, imported, plain = grade(
        load_course(path),
        [submission("alias", {"double": alias}), submission("module", {"double": module}), submission("plain", RIGHT)],
    )
    for result, name in ((aliased, "torch.add"), (imported, "statistics")):
        assert {check.status for check in result.exercises["double"].checks} == {"passed"}
        assert result.score == 2 * share
        assert result.exercises["double"].builtins == BuiltinsUsed([name], policy, share)
        assert name in feedback(load_course(path), result)
    assert plain.exercises["double"].builtins is None
    assert plain.score == plain.max_score


def test_two_submissions_of_one_name_are_refused(tiny_course: TinyCourse) -> None:
    """Results go by name, so two submissions can't have the same one."""
    with pytest.raises(SameName, match="more than one submission called x"):
        grade(load_course(tiny_course()), [submission("x", RIGHT), submission("x", {})])


@pytest.mark.parametrize("seconds", [0, 1])
def test_where_walls_do_not_stand_grading_goes_on_or_refuses(
    tiny_course: TinyCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """If bubblewrap ends, at once or later, grading says that there was no sandbox, or refuses."""
    course = load_course(tiny_course())
    prepare_processes()  # with the environment as it is
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text(f"#!/bin/sh\nsleep {seconds}\necho no namespaces here >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}{os.pathsep}{os.environ['PATH']}")
    given = [submission(f"right-{n}", RIGHT) for n in range(3)]
    assert [(score_of(result), result.sandboxed) for result in grade(course, given, 2)] == [((6, 6), False)] * 3
    with pytest.raises(NoSandbox, match="no namespaces here"):
        grade(course, given, 2, sandbox="require")


def _walls() -> Iterator[int]:
    """List the processes that set up sandboxes for this one."""
    ours = {os.getpid(), *(child.pid for child in active_children())}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"bwrap" in command.split(b"\0")[0] and parent in ours:
            yield int(folder.name)


def test_a_sandbox_that_dies_is_started_again(tiny_course: TinyCourse) -> None:
    """If the fork server is killed during a run, grading continues in a new sandbox with the same scores."""
    course = load_course(tiny_course())
    # Another test's sandbox stays up.
    others, stopped = set(_walls()), []

    def stop_the_zygotes(result: SubmissionResult) -> None:
        for pid in () if stopped else set(_walls()) - others:
            os.kill(pid, 9)
            stopped.append(pid)

    given = [submission(f"right-{n}", RIGHT) for n in range(6)]
    graded = grade(course, given, 1, stop_the_zygotes, "require")
    assert stopped
    assert [score_of(result) for result in graded] == [(6, 6)] * 6
    assert all(result.sandboxed and not result.fault for result in graded)


def test_what_one_judge_has_come_to_know_the_others_know_too(tiny_course: TinyCourse) -> None:
    """A check doesn't run again on answers that another grader process has checked, and wrong ones keep their message."""
    log = '''
        """Visible checks."""

        import os

        from grader.checks import expect_equal

        def test_double_three(learner):
            """Twice 3 is 6."""
            got = learner.call("double", 3.0)
            with open(os.path.join(os.path.dirname(__file__), "log"), "a") as file:
                file.write(f"{os.getpid()} {got}\\n")
            expect_equal(got, 6.0)
        '''
    path = tiny_course(tests__visible__test_double_dot_py=log)
    tiny = load_course(path)

    def ran() -> list[list[str]]:
        return [line.split() for line in (path.parent / "tests/visible/log").read_text().splitlines()]

    def answering(number: int) -> dict[str, str]:
        return {"double": f"def double(x):\n    return {number}.0\n"}

    with GraderPool(tiny, jobs=2) as graders:
        (first,) = graders.grade([submission("first", answering(7))])
        for number in range(10, 200, 2):
            if len({process for process, _ in ran()}) == 2:
                break
            graders.grade([submission(str(answer), answering(answer)) for answer in (number, number + 1)])
        graded = graders.grade([submission(name, answering(7)) for name in "abcd"])
    assert len({process for process, _ in ran()}) == 2
    assert [got for _, got in ran()].count("7.0") == 1
    assert Row("got", ("7.0",)) in first.exercises["double"].checks[0].rows
    assert {result.exercises["double"] == first.exercises["double"] for result in graded} == {True}
