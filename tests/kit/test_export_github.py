"""`grader export github` writes a workflow that GitHub takes, and its commands do here what they do there."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from grader.cli import app
from grader.course import load_course
from grader.errors import UsageError
from grader.export.github import CONSTRAINTS, WORKFLOW, as_lines, export_github
from grader.export.pins import packages_of_all, pinned_requirements
from grader.grading.needed_packages import distribution_of
from grader.release.making import release
from tests.kit.conftest import ROOT

TinyCourse = Callable[..., Path]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the workflow runs on Linux")
RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return 3 * x\n"


@pytest.fixture
def repository(tiny_course: TinyCourse, tmp_path: Path) -> Path:
    """Return a students' repository with a workflow."""
    made = release(load_course(tiny_course()), tmp_path / "students", form="git", engine="pip")
    export_github(made.out)
    return made.out


def workflow(repository: Path) -> dict[str, Any]:
    """Read the workflow."""
    content: dict[str, Any] = yaml.safe_load((repository / WORKFLOW).read_text(encoding="utf-8"))
    return content


def commands(repository: Path) -> list[str]:
    """List the commands of the workflow that don't install anything: the one that writes feedback, and the check."""
    steps = workflow(repository)["jobs"]["checks"]["steps"]
    feedback, check = [step["run"] for step in steps if "run" in step and "pip install" not in step["run"]]
    return [feedback, check]


def run_steps(repository: Path, folder: Path, steps: list[str]) -> tuple[list[int], str]:
    """Run commands as GitHub does; return their statuses and the job's summary."""
    folder.mkdir()
    program = folder / "grader"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m grader "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    summary = folder / "summary.md"
    environment = {
        "PATH": os.pathsep.join([str(folder), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "RUNNER_TEMP": str(folder),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    summary.touch()
    statuses = [
        subprocess.run(["bash", "-e", "-c", step], cwd=repository, env=environment, check=False).returncode
        for step in steps
    ]
    return statuses, summary.read_text(encoding="utf-8")


def test_a_failed_check_fails_the_job_and_the_summary_says_why(repository: Path, tmp_path: Path) -> None:
    """The summary is Markdown with the feedback; the last command fails, because a check does."""
    (repository / "exercises" / "double.py").write_text(WRONG, encoding="utf-8")
    statuses, summary = run_steps(repository, tmp_path / "runner", commands(repository))
    assert statuses == [0, 1]
    assert summary.startswith("Only the visible checks run here.")
    assert "| Double | FAILED | 0 of 1 visible |" in summary
    assert "| Twice | NOT STARTED |" in summary
    assert "expected  6.0" in summary


def test_exercises_that_nobody_started_do_not_fail_the_job(repository: Path, tmp_path: Path) -> None:
    """If everything that was begun passes, the job passes."""
    (repository / "exercises" / "double.py").write_text(RIGHT, encoding="utf-8")
    statuses, _ = run_steps(repository, tmp_path / "runner", commands(repository)[1:])
    assert statuses == [0]


def test_the_workflow_asks_for_little_and_pins_its_actions(repository: Path) -> None:
    """It runs on every push, may only read, ends by itself, and names each action by its commit."""
    content = workflow(repository)
    # YAML reads the key `on` as a truth value.
    assert set(content[True]) == {"push", "workflow_dispatch"}  # type: ignore[index]
    assert content["permissions"] == {"contents": "read"}
    (job,) = content["jobs"].values()
    assert job["timeout-minutes"] <= 30
    uses = [step["uses"] for step in job["steps"] if "uses" in step]
    assert len(uses) == 2
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", name) for name in uses)
    text = (repository / WORKFLOW).read_text(encoding="utf-8")
    assert len(re.findall(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+\n", text)) == 2
    assert "{{" not in text.replace("${{ github.ref }}", "")
    assert all(re.fullmatch(r"[\w.-]+==\S+", line) for line in (repository / CONSTRAINTS).read_text().splitlines())


def test_packages_that_only_an_exercise_needs_are_installed(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """The workflow names what a stub imports beyond what comes with the grader, and pins it and what it needs."""
    course = tiny_course()
    solution = course.parent / "solutions" / "double.py"
    solution.write_text(f"import json\nimport pandas\nimport torch\n{solution.read_text('utf-8')}", encoding="utf-8")
    made = release(load_course(course), tmp_path / "students", form="git", engine="pip")
    export_github(made.out)
    (install,) = [step["run"] for step in workflow(made.out)["jobs"]["checks"]["steps"] if "install" in str(step)]
    assert install.split()[-3:] == ["--editable", ".", "pandas"]
    pins = (made.out / CONSTRAINTS).read_text(encoding="utf-8")
    assert {"pandas", "python-dateutil"} <= {line.partition("==")[0] for line in pins.splitlines()}


def test_a_module_is_installed_by_the_name_of_its_package(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Modules of the same folder aren't packages, and a stub that a student broke has none."""
    course = tiny_course()
    made = release(load_course(course), tmp_path / "students", form="git", engine="pip")
    stub = made.out / "exercises" / "double.py"
    stub.with_name("my_helper.py").write_text("", encoding="utf-8")
    stub.write_text("import my_helper\nimport torch\nfrom dateutil.parser import parse\n", encoding="utf-8")
    (made.out / "exercises" / "twice.py").write_text("def twice(:\n", encoding="utf-8")
    assert packages_of_all(load_course(made.out / "course.yaml")) == ["python-dateutil"]
    assert distribution_of("no_such_module") == "no-such-module"


def test_a_package_that_is_not_installed_here_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it needs isn't known then; the command installs it as the grader's own messages do."""
    installed = importlib.metadata.requires

    def requires(name: str) -> list[str] | None:
        if name == "pandas":
            raise importlib.metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr("importlib.metadata.requires", requires)
    with pytest.raises(UsageError, match=r"^pandas isn't installed here.*Run: pip install -e \"\.\[finetuning\]\"$"):
        pinned_requirements(["pandas"])


def test_the_workflow_agrees_with_githubs_schema(repository: Path) -> None:
    """The published JSON Schema of workflows accepts it."""
    pytest.importorskip("check_jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, str(repository / WORKFLOW)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_commands_are_good_bash(repository: Path, tmp_path: Path) -> None:
    """ShellCheck finds nothing in the workflow's commands."""
    shellcheck = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if shellcheck is None:
        pytest.skip("shellcheck is not installed")
    for number, step in enumerate(workflow(repository)["jobs"]["checks"]["steps"]):
        script = tmp_path / f"{number}.sh"
        script.write_text(step.get("run", ""), encoding="utf-8")
        done = subprocess.run([shellcheck, "--shell=bash", str(script)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_nothing_is_replaced_and_only_a_release_is_taken(repository: Path, tiny_course: TinyCourse) -> None:
    """A file that exists is kept; a folder that isn't a release, and the instructor's own course, are refused."""
    (repository / WORKFLOW).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="exists already"):
        export_github(repository)
    assert (repository / WORKFLOW).read_text(encoding="utf-8") == "mine"
    with pytest.raises(UsageError, match="isn't a release"):
        export_github(repository.parent)
    course = tiny_course(pyproject_dot_toml="")
    with pytest.raises(UsageError, match="has solutions"):
        export_github(course.parent)


def test_what_to_do_next_fits_the_folder(repository: Path) -> None:
    """In a repository, the next step is a commit."""
    (repository / WORKFLOW).unlink()
    (repository / CONSTRAINTS).unlink()
    *_, last = as_lines(export_github(repository))
    assert "git commit" in last
    shutil.rmtree(repository / ".git")
    shutil.rmtree(repository / ".github")
    *_, last = as_lines(export_github(repository))
    assert last.startswith("Next: put")


def test_the_commands_print_what_was_written(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """`grader export` says what it wrote and what comes next; its help fits a terminal."""
    course = load_course(tiny_course())
    out = release(course, tmp_path / "students", engine="pip").out
    runner = CliRunner()
    done = runner.invoke(app, ["export", "github", str(out)])
    assert done.exit_code == 0, done.output
    assert WORKFLOW in done.output
    options = ["--only", "twice", "--course", str(course.file)]
    done = runner.invoke(app, ["export", "gradescope", str(tmp_path / "autograder"), *options])
    assert done.exit_code == 0, done.output
    assert "an autograder for twice" in done.output
    for arguments in (["export"], ["export", "gradescope"], ["export", "github"]):
        text = runner.invoke(app, [*arguments, "--help"], env={"COLUMNS": "80"}).output
        assert text.startswith("Usage:")
        assert max(map(len, text.splitlines())) <= 80
