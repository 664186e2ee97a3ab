"""A scratch file that hides a package is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.doctor.installation import scratch_files
from grader.shadows import hidden_by, sentences


@pytest.mark.parametrize("name", ["torch", "numpy", "random", "yaml", "statistics", "copy"])
def test_a_scratch_file_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file named after an installed package or a module of Python is found, and the doctor names it."""
    (tmp_path / f"{name}.py").touch()
    assert hidden_by(tmp_path) == [(str(tmp_path / f"{name}.py"), name)]
    monkeypatch.chdir(tmp_path)
    (finding,) = scratch_files()
    assert f"{name}.py hides `{name}` from Python" in str(finding)
    assert not finding.well


def test_a_package_hides_one_too(tmp_path: Path) -> None:
    """A folder with an `__init__.py` hides a package, and one without doesn't."""
    (tmp_path / "torch").mkdir()
    assert sentences([tmp_path]) == []
    (tmp_path / "torch" / "__init__.py").touch()
    assert len(sentences([tmp_path, tmp_path])) == 1


def test_a_courses_own_files_hide_nothing(tmp_path: Path) -> None:
    """A course's folders, helpers with other names, and `test.py` are not remarked on."""
    for name in ("tests", "solutions", "capstone"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    for name in ("scratch.py", "test.py", "torch.txt", "my_torch.py"):
        (tmp_path / name).touch()
    assert sentences([tmp_path, tmp_path / "nowhere"]) == []


def test_pytest_refuses_to_run_it_for_torch(tiny_course: Callable[..., Path]) -> None:
    """With a scratch `torch.py`, pytest ends with a sentence that names it, and doesn't run it."""
    root = tiny_course().parent
    (root / "torch.py").write_text("print('the scratch file ran')\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "grader.checks.plugin", "tests/visible"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "torch.py hides `torch` from Python" in run.stderr
    assert "the scratch file ran" not in run.stdout
    assert "Traceback" not in run.stderr
