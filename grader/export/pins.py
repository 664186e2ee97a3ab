"""Exact versions of the packages that the grader needs, for machines that install them on their own."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from grader.course import Course
from grader.errors import UsageError
from grader.grading.needed_packages import command_for, distribution_of, packages_of
from grader.release.packaging import PACKAGE, needs_of_the_grader

LOCK_FILE = "requirements.lock"
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"}
"""What markers of requirements see, whatever this machine is."""
_FOR_GPUS = re.compile(r"nvidia-|cuda-|triton")
_PIN = re.compile(r"^([\w.-]+)==([\w.!+-]+)", re.MULTILINE)


def packages_of_all(part: Course) -> list[str]:
    """List the packages that exercises import, and that don't come with the grader, by pip's names."""
    come_along = {canonicalize_name(Requirement(line).name) for line in needs_of_the_grader().packages}
    modules = {module for exercise in part.exercises for module in packages_of(part, exercise.id)}
    return sorted({distribution_of(module) for module in modules} - come_along)


def pinned_requirements(more: Collection[str] = ()) -> str:
    """Write the packages that the grader needs, and those that these need, a line each with its version.

    The versions are those in the project's `requirements.lock`, or without that file, those that are installed here.
    What the lock leaves out, such as setuptools, pip chooses, except for `more`.

    Args:
        more: pip's names of other packages that are needed.

    Raises:
        UsageError: a package isn't installed.
    """
    locked = _locked(PACKAGE.parent / LOCK_FILE)
    needed = set(_needed([*needs_of_the_grader().packages, *more]))
    names = needed & {*locked, *map(canonicalize_name, more)} if locked else needed
    return "".join(f"{name}=={locked.get(name) or _installed(name)}\n" for name in sorted(names))


def index_option(index: str) -> str:
    """Return pip's option for one more package index, with a space after it; nothing without one.

    Raises:
        UsageError: it isn't an address.
    """
    if not index:
        return ""
    if not re.fullmatch(r"https?://[^\s'\"$`\\]+", index):
        raise UsageError(f"{index!r} isn't the address of a package index. It begins with https://")
    return f"--extra-index-url {index} "


def _needed(requirements: list[str]) -> Iterator[str]:
    """Yield the names of packages and of all that they need on Linux without a GPU."""
    waiting = [Requirement(line) for line in requirements]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen or _FOR_GPUS.match(name):
            continue
        seen.add((name, extras))
        yield name
        waiting += [needed for needed in _requirements_of(name) if _applies(needed, extras)]


def _requirements_of(name: str) -> Iterator[Requirement]:
    try:
        lines = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        raise UsageError(
            f"{name} isn't installed here, so it isn't known what it needs. Run: {command_for(name)}"
        ) from None
    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({**LINUX, "extra": extra}) for extra in ("", *extras))


def _locked(path: Path) -> Mapping[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return {}
    return {canonicalize_name(name): version for name, version in _PIN.findall(text)}


def _installed(name: str) -> str:
    # A build such as 2.6.0+cpu is on no index by that name.
    return importlib.metadata.version(name).partition("+")[0]
