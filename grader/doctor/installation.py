"""The doctor: check an installation, say what is missing, and what to type.

The requirements come from the package's own metadata. The doctor itself only needs the standard library.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.extras import DISTRIBUTION

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

MODULES = {"pyyaml": "yaml"}
"""The names of modules that differ from the name of their package."""


@dataclass(frozen=True)
class Finding:
    """One result; if it is not `well`, `remedy` says what to do. `needed` says whether learning needs it."""

    what: str
    well: bool
    result: str
    remedy: str = ""
    needed: bool = True

    def __str__(self) -> str:
        word = "ok     " if self.well else "MISSING" if self.needed else "WARNING"
        line = f"{word}  {self.what}: {self.result}"
        return line if self.well else f"{line}. To fix it: {self.remedy}"


@dataclass(frozen=True)
class Examination:
    """All results."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Say whether everything that learning needs is installed."""
        return all(finding.well or not finding.needed for finding in self.findings)


def examine() -> Examination:
    """Check Python, the packages, and the limits of the sandbox, each of which is tried."""
    findings = installation()
    walls = _sandbox() if all(finding.well for finding in findings) else []
    return Examination((*findings, *walls))


def installation() -> list[Finding]:
    """Check Python and every package that learning needs: it must be installed, new enough, and importable."""
    try:
        about = importlib.metadata.metadata(DISTRIBUTION)
        asked = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        remedy = "in the grader's folder, run: pip install -e ."
        return [Finding("Python", True, _python()), Finding(DISTRIBUTION, False, "not installed", remedy)]
    try:
        from packaging.requirements import Requirement
        from packaging.specifiers import SpecifierSet
    except ImportError:
        return [Finding("packaging", False, "missing", "pip install packaging, then run again: grader doctor")]
    wanted = about["Requires-Python"] or ""
    fits = SpecifierSet(wanted).contains(platform.python_version(), prereleases=True)
    remedy = f"install Python {wanted}, create a new environment with it, and there run: pip install -e ."
    findings = [Finding("Python", fits, _python(), remedy)]
    for line in asked:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            findings.append(_package(requirement.name, requirement.specifier))
    return findings


def _package(name: str, wanted: SpecifierSet) -> Finding:
    install = f'pip install "{name}{wanted}"'
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "missing", install)
    if not wanted.contains(version, prereleases=True):
        return Finding(name, False, f"{version}, but {wanted} is needed", f"pip install --upgrade {install[12:]}")
    try:
        importlib.import_module(MODULES.get(name.lower(), name.replace("-", "_")))
    except Exception as error:
        # Reasons include a library that this system lacks, or a half-removed package.
        reason = " ".join(str(error).split())[:200]
        remedy = f"pip install --force-reinstall --no-deps {install[12:]}"
        return Finding(name, False, f"{version}, but it can't be imported ({type(error).__name__}: {reason})", remedy)
    return Finding(name, True, version)


def _python() -> str:
    return f"{platform.python_version()} ({sys.executable})"


def complain(problem: ImportError) -> Iterator[str]:
    """Explain why a command can't start: what is not installed, or, if everything is, the problem itself."""
    broken = [finding for finding in installation() if not finding.well]
    yield f"The grader can't start ({problem})."
    yield from map(str, broken)
    if not broken:
        yield "Every package is installed. Install the grader again: in its folder, run: pip install -e ."


def _sandbox() -> list[Finding]:
    if sys.platform != "linux":
        return [
            Finding("sandbox", False, "works on Linux only", "grade in a Linux container or virtual machine", False)
        ]
    # Its modules use features that only Linux has.
    from grader.doctor.sandbox_trial import try_sandbox
    from grader.sandbox.launch import start_sandbox

    sandbox, problem = start_sandbox()
    if sandbox is None:
        remedy = "solve that problem, or grade only code that you trust; you don't need a sandbox to learn"
        return [Finding("sandbox", False, problem, remedy, False)]
    try:
        remedy = "report this bug: grading here is less safe than it should be"
        return [Finding(f"sandbox, {name}", held, result, remedy, False) for name, held, result in try_sandbox(sandbox)]
    finally:
        sandbox.close()
