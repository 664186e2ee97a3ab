"""The doctor: what an installation has and lacks, in words, and what to type."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from dataclasses import dataclass

PACKAGES = (
    "torch",
    "numpy",
    "tiktoken",
    "regex",
    "pytest",
    "hypothesis",
    "msgspec",
    "PyYAML",
    "typer",
    "rich",
    "safetensors",
)
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` says what to do where it is not well, and whether learning needs it."""

    what: str
    well: bool
    found: str
    mend: str = ""
    needed: bool = True


def examine() -> list[Finding]:
    """Look at Python, the packages, and the walls of the sandbox, each of which is tried."""
    version = platform.python_version()
    findings = [Finding("Python", sys.version_info >= OLDEST_PYTHON, version, "install Python 3.11 or newer")]
    for package in PACKAGES:
        try:
            findings.append(Finding(package, True, importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            findings.append(Finding(package, False, "missing", f"pip install {package}"))
    if all(finding.well for finding in findings):
        findings += _walls()
    return findings


def _walls() -> list[Finding]:
    if sys.platform != "linux":
        return [
            Finding("sandbox", False, "works on Linux only", "grade in a Linux container or virtual machine", False)
        ]
    # Its modules use what other platforms do not have.
    from grader.learner.sandbox import start_sandbox
    from grader.learner.trial import try_walls

    sandbox, problem = start_sandbox()
    if sandbox is None:
        return [Finding("sandbox", False, problem, "mend that, or grade only code that you trust", False)]
    try:
        mend = "report it: grading here is less safe than it should be"
        return [Finding(f"wall: {name}", held, told, mend, False) for name, held, told in try_walls(sandbox)]
    finally:
        sandbox.close()
