"""`grader export github`: a workflow that checks a student's repository on every push."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course import COURSE_FILE, load_course
from grader.errors import UsageError
from grader.export.pins import index_option, packages_of_all, pinned_requirements
from grader.export.texts import from_template
from grader.release.packaging import PROJECT_FILE
from grader.writing import make_folder, write_report

WORKFLOW, CONSTRAINTS = ".github/workflows/checks.yml", ".github/constraints.txt"
ACTIONS = {
    "checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "setup_python": "5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
}
"""The commits of the actions that the workflow uses, with the versions that they are."""
PYTHON = "3.12"


@dataclass(frozen=True)
class Workflow:
    """A workflow that was written: the repository, and the paths of the files in it."""

    repository: Path
    files: tuple[str, ...]


def export_github(repository: Path, index: str = "") -> Workflow:
    """Write a workflow, and the versions of what it installs, into what `grader release` made.

    Args:
        repository: the folder of the release.
        index: a package index that the workflow asks as well; empty for none.

    Raises:
        UsageError: there is no release, it has solutions, a file is there already, or the index isn't an address.
        NotWritten: a file cannot be written.
    """
    for name in (COURSE_FILE, PROJECT_FILE):
        if not (repository / name).is_file():
            raise UsageError(
                f"{repository} has no {name}, so it isn't a release. Make one first: grader release {repository} --git"
            )
    course = load_course(repository / COURSE_FILE)
    if course.has_solutions:
        raise UsageError(
            f"{repository} has solutions, so it isn't for students. Make a release first: grader release FOLDER --git"
        )
    for name in (WORKFLOW, CONSTRAINTS):
        if (repository / name).exists():
            raise UsageError(f"{repository / name} exists already. Delete it to have it written again.")
    packages = packages_of_all(course)
    values = {
        "packages": "".join(f" {name}" for name in packages),
        "python": PYTHON,
        "index": index_option(index),
        "constraints": CONSTRAINTS,
        "folder": course.stubs.name,
        **ACTIONS,
    }
    contents = {WORKFLOW: from_template("checks.yml", values), CONSTRAINTS: pinned_requirements(packages).encode()}
    for name, content in contents.items():
        make_folder((repository / name).parent)
        write_report(repository / name, content)
    return Workflow(repository, tuple(contents))


def as_lines(done: Workflow) -> Iterator[str]:
    """Say what was written and what to do next, in lines."""
    yield from (f"written  {done.repository / name}" for name in done.files)
    yield "On every push, it runs the visible checks and shows the feedback in the summary of the run."
    yield "It fails if a check fails; exercises that nobody has started don't fail."
    yield ""
    if (done.repository / ".git").exists():
        yield f"Next: cd {done.repository}; git add .github; git commit --message 'Check on every push'; then push it."
    else:
        yield f"Next: put {done.repository} into a git repository, and push it to GitHub."
