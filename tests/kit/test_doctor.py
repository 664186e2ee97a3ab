"""The doctor says what an installation lacks and what to type, whatever is missing."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from grader.doctor import environment
from grader.doctor.installation import Finding, complain, for_instructors, installation
from grader.doctor.sandbox_trial import TRIAL, try_sandbox
from grader.sandbox.launch import Sandbox

ROOT = Path(__file__).resolve().parents[2]


def test_the_doctor_reads_what_is_asked_for_from_the_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too old, missing, broken, a wrong Python: each comes with what to type, and needs nothing that is missing."""
    real = {finding.what: finding for finding in installation()}
    assert all(finding.well for finding in real.values())
    assert {"Python", "torch", "watchfiles", "pyyaml"} <= set(real)
    monkeypatch.setattr(
        "importlib.metadata.requires",
        lambda name: ["numpy>=99.5", "no-such-package>=2", "rich", 'nbgrader>=99; extra == "nbgrader"'],
    )
    monkeypatch.setattr("platform.python_version", lambda: "3.9.1")
    findings = {finding.what: str(finding) for finding in installation()}
    assert set(findings) == {"Python", "numpy", "no-such-package", "rich"}
    assert ">=99.5 is needed. To fix it: pip install --upgrade" in findings["numpy"]
    assert 'missing. To fix it: pip install "no-such-package>=2"' in findings["no-such-package"]
    assert findings["Python"].startswith("MISSING  Python: 3.9.1")
    assert any("no-such-package" in line for line in complain(ImportError("no module")))
    assert "To fix it: repair" in str(Finding("a", False, "b", "repair"))


def test_the_doctor_says_what_instructors_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    """For each extra for instructors, one line says what it is for, and what to type if it's missing."""
    monkeypatch.setattr(
        "importlib.metadata.requires",
        lambda name: ["torch>=2", 'no-such-package>=2; extra == "reports"', 'rich; extra == "nbgrader"'],
    )
    assert list(for_instructors()) == [
        "If you teach: to write HTML reports and compare submissions, you also need no-such-package. "
        'Run: pip install -e ".[reports]"',
        "If you teach: you can also use `grader nbgrader`.",
        "If you teach: you can also grade exercises about tables of data.",
    ]


def test_what_instructors_have_is_not_called_missing() -> None:
    """Every package of these extras is installed here, also if its module has another name."""
    assert [line for line in for_instructors() if "you also need" in line] == []


def test_the_doctor_finds_every_limit_of_the_sandbox_in_place(sandbox: Sandbox) -> None:
    """In a sandbox that works, no limit gives a warning: not even for HOME, which is the worker's own folder."""
    limits = try_sandbox(sandbox)
    assert [name for name, _, _ in limits] == ["files", "network", "processes", "memory", "privileges", "environment"]
    assert all(works for _, works, _ in limits), limits


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the clock's file")
def test_the_trial_of_the_sandbox_reports_an_open_file(tmp_path: Path) -> None:
    """A worker may have its connection and the clock of its limit, and no other file."""
    trial: dict[str, Any] = {}
    exec(TRIAL, trial)
    with (tmp_path / "open").open("w+") as file, open("/proc/thread-self/schedstat", encoding="ascii") as clock:
        file.write("1 2\n")
        file.flush()
        numbers = file.fileno(), clock.fileno()
        found = trial["environment"]()
    assert [f"descriptor {number} is open" in found for number in numbers] == [True, False]


BARE = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py")
"""What pytest needs by itself."""


@pytest.mark.parametrize("command", [("grader", "check"), ("grader", "doctor"), ("pytest", "-q")])
def test_outside_of_the_environment_a_sentence_says_what_to_do(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Python without the grader's packages gets one line with the commands to type, from `grader` and from `pytest`."""
    for name in BARE:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        file = Path(spec.origin)
        installed = file.parent if spec.submodule_search_locations else file
        (tmp_path / installed.name).symlink_to(installed)
    variables = {name: text for name, text in os.environ.items() if name != "CONDA_PREFIX"}
    run = subprocess.run(
        [sys.executable, "-S", "-m", *command],
        env=variables | {"PYTHONPATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (2, pytest.ExitCode.USAGE_ERROR)
    (line,) = (run.stdout + run.stderr).strip().splitlines()
    assert "The grader can't start: typer isn't installed for " in line
    assert "source .venv/bin/activate" in line


@pytest.mark.parametrize(
    ("has_environment", "prefix", "remedy"),
    [
        (True, "/usr", "Activate the environment: source .venv/bin/activate"),
        (True, ".venv", "Install the grader: pip install -e ."),
        (False, "/other", "Install the grader: pip install -e ."),
        (
            False,
            sys.base_prefix,
            "Create an environment, and install the grader in it: python3 -m venv .venv; source .venv/bin/activate; "
            "pip install -e .",
        ),
    ],
)
def test_the_remedy_fits_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_environment: bool, prefix: str, remedy: str
) -> None:
    """An environment that exists is to be activated; in another one, the grader is installed; else it is made."""
    (tmp_path / "pyproject.toml").touch()
    if has_environment:
        (tmp_path / ".venv").mkdir()
        (tmp_path / ".venv" / "pyvenv.cfg").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "MODULES", ("no_such_module", "nor_this_one", "nor_that_one"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / prefix) if prefix == ".venv" else prefix)
    assert environment.not_here() == (
        f"The grader can't start: no_such_module isn't installed for {sys.executable}. {remedy}"
    )
    monkeypatch.setattr(environment, "MODULES", ("sys", "no_such_module"))
    assert bool(environment.not_here()) == remedy.startswith("Activate")
    monkeypatch.setattr(environment, "MODULES", ("sys",))
    assert environment.not_here() == ""


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that is too old gets a sentence, and what prints it can be read by Python 3.8."""
    assert environment.too_old() == ""
    monkeypatch.setattr(sys, "version_info", (3, 9, 6, "final", 0))
    assert "The grader needs Python 3.11 or newer, and " in environment.too_old()
    assert " is Python 3.9.6. " in environment.too_old()
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert about["requires-python"] == f">={'.'.join(map(str, environment.OLDEST))}"
    names = ["__init__", "__main__", "extras", "errors", "shadows", "doctor/__init__", "doctor/environment"]
    for name in [*names, "doctor/installation", "study/__init__", "study/start_plugin"]:
        ast.parse((ROOT / "grader" / f"{name}.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_without_torch_the_command_starts_and_says_what_to_type(tmp_path: Path) -> None:
    """`grader doctor` and `grader progress` run without torch; a check that needs it gives a message, not a traceback."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('No module named torch')\n", encoding="utf-8")
    variables = os.environ | {"PYTHONPATH": str(tmp_path)}

    def typed(*words: str) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "grader", *words], env=variables, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in run.stdout + run.stderr
        return run.stdout + run.stderr

    assert "MISSING  torch" in typed("doctor")
    assert "status" in typed("progress")
    assert "pip install --force-reinstall" in typed("check")
