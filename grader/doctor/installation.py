"""The doctor: check an installation, say what is missing, and what to type.

The requirements come from the package's own metadata. The doctor itself only needs the standard library.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.doctor.environment import not_here
from grader.extras import DISTRIBUTION, install_command
from grader.shadows import sentences

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

MODULES = {"pyyaml": "yaml", "markdown-it-py": "markdown_it"}
"""The names of modules that differ from the name of their package."""
EXTRAS = {
    "reports": "write HTML reports and compare submissions",
    "nbgrader": "use `grader nbgrader`",
    "finetuning": "grade exercises about tables of data",
}
"""What instructors can do with each extra."""
UNSAFE = "You can grade, but only submissions that you trust. Please report this as a bug in the grader."
"""What to do if a limit of the sandbox doesn't work."""


@dataclass(frozen=True)
class Finding:
    """One result; if it isn't `well`, `remedy` may say what to do. `needed` says whether learning needs it."""

    what: str
    well: bool
    result: str
    remedy: str = ""
    needed: bool = True

    def __str__(self) -> str:
        word = "ok     " if self.well else "MISSING" if self.needed else "WARNING"
        line = f"{word}  {self.what}: {self.result}"
        return line if self.well or not self.remedy else f"{line}. To fix it: {self.remedy}"


@dataclass(frozen=True)
class Examination:
    """All results, and a line for each extra that instructors may need."""

    findings: tuple[Finding, ...]
    for_instructors: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Say whether everything that learning needs is installed."""
        return all(finding.well or not finding.needed for finding in self.findings)


def examine() -> Examination:
    """Check Python, the packages, and each limit of the sandbox."""
    findings = [*installation(), *scratch_files()]
    limits = _sandbox() if all(finding.well or not finding.needed for finding in findings) else []
    examination = Examination((*findings, *limits))
    return replace(examination, for_instructors=tuple(for_instructors())) if examination.well else examination


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


def scratch_files() -> list[Finding]:
    """Look for files that hide a package, in the working folder and in the folder of the course that it is in."""
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / "course.yaml").is_file()), here)
    return [Finding("scratch file", False, text, "", False) for text in sentences([here, root])]


def for_instructors() -> Iterator[str]:
    """Say, for each extra that instructors may need, whether it is installed, and otherwise what to type."""
    from packaging.requirements import Requirement

    requirements = [Requirement(line) for line in importlib.metadata.requires(DISTRIBUTION) or []]
    for extra, purpose in EXTRAS.items():
        findings = [
            _package(requirement.name, requirement.specifier)
            for requirement in requirements
            if requirement.marker is not None
            and requirement.marker.evaluate({"extra": extra})
            and not requirement.marker.evaluate({"extra": ""})
        ]
        lacking = [finding.what for finding in findings if not finding.well]
        if lacking:
            yield f"If you teach: to {purpose}, you also need {', '.join(lacking)}. Run: {install_command(extra)}"
        else:
            yield f"If you teach: you can also {purpose}."


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
    """Explain why a command can't start: the environment, what isn't installed in it, or else the problem itself."""
    if outside := not_here():
        yield outside
        return
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
        remedy = "solve that problem, or grade only code that you trust (you don't need a sandbox to learn)"
        return [Finding("sandbox", False, problem, remedy, False)]
    try:
        return [
            Finding(f"sandbox, {name}", works, result if works else f"{result}. {UNSAFE}", "", False)
            for name, works, result in try_sandbox(sandbox)
        ]
    finally:
        sandbox.close()
