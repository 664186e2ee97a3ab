"""The doctor: what an installation has and lacks, in words, and what to type.

What is asked for is read from the package's own metadata. Nothing but the standard library is needed to say that
something is missing.
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
"""What a package is imported as, where that is not its name."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` says what to do where it is not well, and whether learning needs it."""

    what: str
    well: bool
    found: str
    mend: str = ""
    needed: bool = True

    def __str__(self) -> str:
        word = "ok     " if self.well else "MISSING" if self.needed else "WARNING"
        told = f"{word}  {self.what}: {self.found}"
        return told if self.well else f"{told}. To fix it: {self.mend}"


@dataclass(frozen=True)
class Examination:
    """All that was looked at."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """Say whether everything is there that learning needs."""
        return all(finding.well or not finding.needed for finding in self.findings)


def examine() -> Examination:
    """Look at Python, the packages, and the walls of the sandbox, each of which is tried."""
    findings = installation()
    walls = _walls() if all(finding.well for finding in findings) else []
    return Examination((*findings, *walls))


def installation() -> list[Finding]:
    """Look at Python and at every package that learning needs: whether it is there, new enough, and can be imported."""
    try:
        about = importlib.metadata.metadata(DISTRIBUTION)
        asked = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        mend = "in the grader's folder, run: pip install -e ."
        return [Finding("Python", True, _python()), Finding(DISTRIBUTION, False, "not installed", mend)]
    try:
        from packaging.requirements import Requirement
        from packaging.specifiers import SpecifierSet
    except ImportError:
        return [Finding("packaging", False, "missing", "pip install packaging, then run again: grader doctor")]
    wanted = about["Requires-Python"] or ""
    fits = SpecifierSet(wanted).contains(platform.python_version(), prereleases=True)
    mend = f"install Python {wanted}, create a new environment with it, and there run: pip install -e ."
    findings = [Finding("Python", fits, _python(), mend)]
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
        # A library that is not there for this system, a half-removed package: all end here.
        told = " ".join(str(error).split())[:200]
        mend = f"pip install --force-reinstall --no-deps {install[12:]}"
        return Finding(name, False, f"{version}, but it can't be imported ({type(error).__name__}: {told})", mend)
    return Finding(name, True, version)


def _python() -> str:
    return f"{platform.python_version()} ({sys.executable})"


def complain(problem: ImportError) -> Iterator[str]:
    """Say what keeps a command from starting: what is not installed, or the problem itself where everything is."""
    broken = [finding for finding in installation() if not finding.well]
    yield f"The grader can't start ({problem})."
    yield from map(str, broken)
    if not broken:
        yield "Every package is installed. Install the grader again: in its folder, run: pip install -e ."


def _walls() -> list[Finding]:
    if sys.platform != "linux":
        return [
            Finding("sandbox", False, "works on Linux only", "grade in a Linux container or virtual machine", False)
        ]
    # Its modules use what other platforms do not have.
    from grader.doctor.sandbox_trial import try_sandbox
    from grader.sandbox.launch import start_sandbox

    sandbox, problem = start_sandbox()
    if sandbox is None:
        mend = "solve that problem, or grade only code that you trust; you don't need a sandbox to learn"
        return [Finding("sandbox", False, problem, mend, False)]
    try:
        mend = "report this bug: grading here is less safe than it should be"
        return [Finding(f"sandbox, {name}", held, told, mend, False) for name, held, told in try_sandbox(sandbox)]
    finally:
        sandbox.close()
