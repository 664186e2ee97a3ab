"""`grader export gradescope` writes an autograder that always gives a result, run here as Gradescope runs it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.course import Course, load_course, part_of
from grader.errors import UsageError
from grader.export import on_gradescope, pins
from grader.export.gradescope import GradescopeOptions, as_lines, export_gradescope
from grader.export.pins import pinned_requirements
from grader.handin import version_of
from tests.kit.conftest import ROOT

TinyCourse = Callable[..., Path]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Gradescope runs Linux")
SCHEMA = json.loads(Path(__file__).with_name("gradescope.schema.json").read_text(encoding="utf-8"))
SECRET = "nobody_else_doubles_like_this"
HIDDEN_TITLE = "Doubling holds for every number."
RIGHT = "def double(x):\n    return 2 * x\n"
METADATA: dict[str, Any] = {
    "id": 123456,
    "created_at": "2018-07-01T14:22:32.365935-07:00",
    "assignment": {
        "due_date": "2018-07-31T23:00:00.000000-07:00",
        "group_size": 4,
        "group_submission": True,
        "id": 25828,
        "course_id": 1234,
        "late_due_date": None,
        "release_date": "2018-07-02T00:00:00.000000-07:00",
        "title": "Programming Assignment 1",
        "total_points": "20.0",
    },
    "submission_method": "upload",
    "users": [{"email": "student@example.com", "id": 1234, "name": "Student User"}],
    "previous_submissions": [],
}


class Gradescope:
    """A folder that stands for `/autograder`, with an autograder that was unpacked as Gradescope does it.

    Args:
        root: the folder.
        archive: the autograder.
    """

    def __init__(self, root: Path, archive: Path) -> None:
        self.root = root
        for name in ("source", "submission", "results", "venv/bin"):
            (root / name).mkdir(parents=True)
        with zipfile.ZipFile(archive) as file:
            file.extractall(root / "source")
        shutil.copy(root / "source" / "run_autograder", root)
        # This stands for the environment that setup.sh creates.
        self.python = root / "venv" / "bin" / "python"
        self.python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
        self.python.chmod(0o755)
        self.metadata(METADATA)

    def metadata(self, content: object) -> None:
        """Write what Gradescope says about the submission."""
        (self.root / "submission_metadata.json").write_text(json.dumps(content), encoding="utf-8")

    def grades(self, **files: str) -> dict[str, Any]:
        """Hand in modules, run the autograder, and return its result, which agrees with Gradescope's format."""
        shutil.rmtree(self.root / "submission")
        (self.root / "submission").mkdir()
        for name, text in files.items():
            (self.root / "submission" / f"{name}.py").write_text(text, encoding="utf-8")
        path = os.pathsep.join(
            dict.fromkeys([str(Path(shutil.which("bash") or "/bin/bash").parent), "/usr/bin", "/bin"])
        )
        done = subprocess.run(
            ["bash", str(self.root / "run_autograder")],
            cwd=self.root,
            env={"AUTOGRADER_ROOT": str(self.root), "PATH": path, "HOME": str(self.root)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.printed = done.stdout + done.stderr
        result: dict[str, Any] = json.loads((self.root / "results" / "results.json").read_bytes())
        jsonschema.Draft202012Validator(SCHEMA).validate(result)
        return result


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course with a due date, secrets, and files that don't belong into an autograder."""
    file = tiny_course(
        solutions__styles__double__added_dot_py="def double(x):\n    return x + x\n",
        solutions__proofs__double_dot_json="{}",
        tests__hidden__numbers_dot_txt="1 2 3\n",
        tests__hidden___dot_ipynb_checkpoints__test_double_dot_py="x = 1\n",
        tests__kit__test_kit_dot_py="x = 1\n",
        tests__visible____pycache__test_double_dot_pyc="x",
        exercises__double_dot_py=f"{SECRET} = 1\n",
        exercises__double_dot_md="# Double\n",
        desk__last_failure_dot_py="x = 1\n",
        progress__progress_dot_yaml="{}",
        _dot_git__config="x",
    )
    text = file.read_text(encoding="utf-8") + (
        "hidden_feedback: {before_due: category, after_due: title}\n"
        "assignments:\n  - {id: first, exercises: [double], due: 2018-07-31T23:00:00-07:00}\n"
    )
    file.write_text(text, encoding="utf-8")
    return load_course(file)


@pytest.fixture
def gradescope(tiny: Course, tmp_path: Path) -> Gradescope:
    """Return Gradescope with an autograder for one of the tiny course's exercises."""
    done = export_gradescope(part_of(tiny, ["double"]), tmp_path / "out" / "autograder.zip", GradescopeOptions())
    return Gradescope(tmp_path / "autograder", done.out)


def test_the_archive_has_what_grading_needs_and_nothing_else(tiny: Course, tmp_path: Path) -> None:
    """Scripts are at the root and can be executed; caches, git, other work and what was proven stay at home."""
    done = export_gradescope(tiny, tmp_path / "autograder", GradescopeOptions())
    assert done.out == tmp_path / "autograder.zip"
    with zipfile.ZipFile(done.out) as archive:
        names = set(archive.namelist())
        modes = {name: archive.getinfo(name).external_attr >> 16 for name in ("setup.sh", "run_autograder")}
        stub = archive.read("course/exercises/double.py").decode()
    assert modes == {"setup.sh": 0o755, "run_autograder": 0o755}
    assert {name for name in names if not name.startswith("engine/")} == {
        "setup.sh",
        "run_autograder",
        "requirements.txt",
        "course/course.yaml",
        "course/exercises/double.py",
        "course/exercises/twice.py",
        "course/solutions/double.py",
        "course/solutions/twice.py",
        "course/solutions/standins/double.py",
        "course/tests/hidden/test_double.py",
        "course/tests/hidden/numbers.txt",
        "course/tests/visible/test_double.py",
        "course/tests/visible/test_twice.py",
    }
    assert "raise NotImplementedError" in stub
    assert SECRET not in stub
    assert {"engine/grader/__main__.py", "engine/pyproject.toml"} <= names
    assert not any("__pycache__" in name for name in names)
    assert done.files == len(names)


def test_the_same_course_gives_the_same_archive(tiny: Course, tmp_path: Path) -> None:
    """An archive depends on nothing but the course and the grader."""
    one, two = (export_gradescope(tiny, tmp_path / name, GradescopeOptions()).out for name in ("a.zip", "b.zip"))
    assert one.read_bytes() == two.read_bytes()


def test_a_file_is_never_replaced_and_the_course_stays_clean(tiny: Course, tmp_path: Path) -> None:
    """An existing file is kept, nothing is written into the course, and a students' copy can't grade."""
    (tmp_path / "old.zip").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="exists already"):
        export_gradescope(tiny, tmp_path / "old.zip", GradescopeOptions())
    assert (tmp_path / "old.zip").read_text(encoding="utf-8") == "mine"
    with pytest.raises(UsageError, match="in the course's own folder"):
        export_gradescope(tiny, tiny.root / "autograder.zip", GradescopeOptions())
    for path in tiny.solutions.glob("*.py"):
        path.unlink()
    with pytest.raises(UsageError, match="no solutions"):
        export_gradescope(load_course(tiny.file), tmp_path / "new.zip", GradescopeOptions())


def test_what_to_do_next_names_points_and_settings(tiny: Course, tmp_path: Path) -> None:
    """The command says how many points the assignment needs, and what to look at."""
    done = export_gradescope(part_of(tiny, ["double"]), tmp_path / "a.zip", GradescopeOptions(minutes=20))
    lines = "\n".join(as_lines(done))
    assert "2 autograder points" in lines
    assert "don't give it to students" in lines
    assert "20 minutes" in lines


LATER = METADATA | {"assignment": {"due_date": "2018-07-31T23:00:00-07:00", "late_due_date": "2999-01-01T00:00:00Z"}}


@pytest.mark.parametrize(
    ("module", "metadata", "score", "passed", "second"),
    [
        pytest.param(RIGHT, METADATA, 2, 2, HIDDEN_TITLE, id="right"),
        # As long as somebody may hand in on Gradescope, feedback shows what the course allows before the due date.
        pytest.param("def double(x):\n    return 3 * x\n", LATER, 0, 0, "Hidden check 2", id="wrong"),
        pytest.param(None, METADATA, 0, 0, HIDDEN_TITLE, id="empty"),
        pytest.param("def double(x:\n", METADATA, 0, 0, HIDDEN_TITLE, id="broken"),
    ],
)
def test_every_submission_gets_a_result(
    gradescope: Gradescope, tiny: Course, module: str | None, metadata: object, score: float, passed: int, second: str
) -> None:
    """A right, a wrong, an empty and a broken submission are graded, and lateness is left to Gradescope."""
    gradescope.metadata(metadata)
    result = gradescope.grades(**({} if module is None else {"double": module}))
    assert result["score"] == score
    assert [test["status"] for test in result["tests"]].count("passed") == passed
    assert sum(test["max_score"] for test in result["tests"]) == 2
    assert result["stdout_visibility"] == "hidden"
    # hidden_feedback decides whether a hidden check has a title.
    assert result["tests"][1]["name"] == f"Double: {second}"
    assert (HIDDEN_TITLE in json.dumps(result)) == (second == HIDDEN_TITLE)
    assert "late" not in result["output"]
    files, version = version_of(tiny), result["extra_data"]["course"]
    assert (version["course_file"], version["visible_checks"]) == (files.course_file, files.visible_checks)
    assert result["extra_data"]["submission"] == 123456


def test_if_the_grader_fails_the_result_says_so(gradescope: Gradescope) -> None:
    """If the grader can't read the course, the student reads a sentence, and the instructor the reason."""
    (gradescope.root / "source" / "course" / "course.yaml").write_text("id: [", encoding="utf-8")
    (gradescope.root / "submission_metadata.json").write_text("{", encoding="utf-8")
    result = gradescope.grades(double=RIGHT)
    assert result["score"] == 0
    assert result["output"].startswith("The autograder failed, so nothing was graded. That is not your fault.")
    assert "course.yaml" in gradescope.printed
    assert result["extra_data"]["graded"] is False


def test_if_python_is_missing_the_result_says_so(gradescope: Gradescope) -> None:
    """If the autograder's environment is broken, the script itself writes a result."""
    gradescope.python.unlink()
    (gradescope.root / "results" / "results.json").write_text("of an earlier run", encoding="utf-8")
    result = gradescope.grades(double=RIGHT)
    assert result["score"] == 0
    assert result["output"].startswith("The autograder could not start")


def test_a_grader_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    """A run that doesn't end is killed with everything that it started."""
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    with pytest.raises(subprocess.TimeoutExpired):
        on_gradescope.run([sys.executable, "-c", program], 0.5)
    assert on_gradescope.without_grade("Why.")["score"] == 0


def test_times_of_the_assignment_and_of_its_authors_count(tmp_path: Path) -> None:
    """Every date with a time zone counts; whatever else is there is passed over."""
    metadata = {
        "assignment": {"due_date": "2027-01-01T00:00:00Z", "late_due_date": None},
        "users": [{"assignment": {"due_date": "2027-01-02T00:00:00+01:00"}}, {"assignment": 3}, "x"],
    }
    assert [f"{time:%m-%d}" for time in on_gradescope._times(metadata)] == ["01-01", "01-02"]
    assert list(on_gradescope._times({"assignment": {"due_date": "soon"}, "users": 1})) == []


def test_the_requirements_are_those_of_the_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Everything that setup.sh installs has the version in requirements.lock; without it, the installed one."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower().replace("_", "-").splitlines()
    lines = pinned_requirements().splitlines()
    assert set(lines) <= set(lock)
    assert {re.split("==", line)[0] for line in lines} >= {"torch", "numpy", "pytest", "msgspec", "safetensors"}
    with monkeypatch.context() as patch:
        (tmp_path / "lock").write_text("torch==2.0\n", encoding="utf-8")
        patch.setattr(pins, "LOCK_FILE", str(tmp_path / "lock"))
        # What only an exercise needs is installed, too, if the lock doesn't have it.
        version = importlib.metadata.version("packaging")
        assert pinned_requirements(["Packaging"]).splitlines() == [f"packaging=={version}", "torch==2.0"]
    monkeypatch.setattr(pins, "LOCK_FILE", "no-such-file")
    assert {line.partition("==")[0] for line in pinned_requirements().splitlines()} >= {"torch", "setuptools"}
    assert "+" not in pinned_requirements()


def test_what_an_exercise_needs_is_installed_too(course: Course, tmp_path: Path) -> None:
    """Pandas comes with `spam_data`, and only with it."""
    lines = {}
    for exercise in ("spam_data", "layer_norm"):
        part = part_of(course, [exercise], [], [])
        out = export_gradescope(part, tmp_path / f"{exercise}.zip", GradescopeOptions()).out
        lines[exercise] = zipfile.ZipFile(out).read("requirements.txt").decode()
    assert re.search("^pandas==", lines["spam_data"], re.M)
    assert "pandas" not in lines["layer_norm"]


def test_the_scripts_are_good_bash(gradescope: Gradescope) -> None:
    """Bash can read both scripts, and ShellCheck finds nothing in them."""
    scripts = [str(gradescope.root / "source" / name) for name in ("setup.sh", "run_autograder")]
    for script in scripts:
        subprocess.run(["bash", "-n", script], check=True)
    setup = Path(scripts[0]).read_text(encoding="utf-8")
    assert "bubblewrap" in setup
    assert "{{" not in setup + Path(scripts[1]).read_text(encoding="utf-8")
    shellcheck = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if shellcheck is None:
        pytest.skip("shellcheck is not installed")
    done = subprocess.run([shellcheck, *scripts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_another_package_index_is_asked_as_well(tiny: Course, tmp_path: Path) -> None:
    """`--index` gives pip an address, which is part of a script, so nothing but an address is taken."""
    for name, options in {
        "with": GradescopeOptions(index="https://example.org/cpu"),
        "without": GradescopeOptions(),
    }.items():
        done = export_gradescope(tiny, tmp_path / f"{name}.zip", options)
        with zipfile.ZipFile(done.out) as archive:
            script = archive.read("setup.sh").decode()
        assert ("--extra-index-url https://example.org/cpu " in script) == (name == "with")
        assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    for odd in ("cpu", "https://example.org/$(id)", "https://example.org/a b"):
        with pytest.raises(UsageError, match="isn't the address of a package index"):
            export_gradescope(tiny, tmp_path / "odd.zip", GradescopeOptions(index=odd))
