"""The doctor says what an installation lacks and what to type, whatever is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.doctor.installation import Finding, complain, for_instructors, installation
from grader.doctor.sandbox_trial import try_sandbox
from grader.sandbox.launch import Sandbox


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
    ]


def test_the_doctor_finds_every_limit_of_the_sandbox_in_place(sandbox: Sandbox) -> None:
    """In a sandbox that works, no limit gives a warning: not even for HOME, which is the worker's own folder."""
    limits = try_sandbox(sandbox)
    assert [name for name, _, _ in limits] == ["files", "network", "processes", "memory", "privileges", "environment"]
    assert all(works for _, works, _ in limits), limits


def test_without_torch_the_command_starts_and_says_what_to_type(tmp_path: Path) -> None:
    """`grader doctor` and `grader progress` run without torch; a check that needs it gives a message, not a traceback."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('No module named torch')\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}

    def typed(*words: str) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "grader", *words], env=environment, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in run.stdout + run.stderr
        return run.stdout + run.stderr

    assert "MISSING  torch" in typed("doctor")
    assert "status" in typed("progress")
    assert "pip install --force-reinstall" in typed("check")
