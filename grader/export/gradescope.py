"""`grader export gradescope`: the archive that Gradescope takes as an autograder."""

from __future__ import annotations

import io
import shlex
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, default_part
from grader.errors import UsageError
from grader.export.course_files import files_to_grade_with
from grader.export.pins import index_option, packages_of_all, pinned_requirements
from grader.export.texts import from_template
from grader.release.packaging import PROJECT_FILE, engine_files, needs_of_the_grader, project_file
from grader.release.writing import UNCHANGING, destination
from grader.writing import make_folder, write_report

SETUP, RUN, REQUIREMENTS = "setup.sh", "run_autograder", "requirements.txt"
COURSE, ENGINE = "course", "engine"
"""Folders of the archive."""
README = "# The grader\n\nA copy from when this autograder was exported; `setup.sh` installs it.\n"
"""What pip wants to have next to a package."""
MINUTES = 10
"""Gradescope's own time limit, unless the assignment has another one."""


@dataclass(frozen=True)
class GradescopeOptions:
    """How the autograder grades.

    Attributes:
        require_sandbox: whether it refuses to grade without a sandbox.
        minutes: the time limit that Gradescope has for it; it stops shortly before.
        index: a package index that its machine asks as well; empty for none.
    """

    require_sandbox: bool = False
    minutes: int = MINUTES
    index: str = ""


@dataclass(frozen=True)
class Autograder:
    """An autograder that was written.

    Attributes:
        out: the archive.
        course: the part of the course that it grades.
        files: the number of its files.
        size: the size of the archive in bytes.
        options: how it grades.
    """

    out: Path
    course: Course
    files: int
    size: int
    options: GradescopeOptions

    @property
    def points(self) -> float:
        """The most points that a submission can get."""
        return sum(exercise.max_score for exercise in self.course.exercises)


def export_gradescope(course: Course, out: Path, options: GradescopeOptions) -> Autograder:
    """Write the archive that Gradescope takes as an autograder.

    Args:
        course: the course with its solutions, or the part of it to grade. Of a whole course, the exercises that count
            by default.
        out: the archive.
        options: how it grades.

    Raises:
        UsageError: this copy has no solutions, or something is at the path already.
        CourseError: a solution is missing.
        NotWritten: the archive cannot be written.
    """
    if not course.has_solutions:
        raise UsageError("This copy of the course has no solutions, so it can't grade. Run this in the full course.")
    out = destination(course, out, "zip")
    part = course if course.all_of_it is not None else default_part(course)
    content = _archive(dict(_files(part, options)))
    make_folder(out.parent)
    write_report(out, content)
    return Autograder(out, part, len(zipfile.ZipFile(io.BytesIO(content)).namelist()), len(content), options)


def as_lines(done: Autograder) -> Iterator[str]:
    """Say what was written and what to do next, in lines."""
    names = [exercise.id for exercise in done.course.exercises]
    many = f"{names[0]}" if len(names) == 1 else f"{len(names)} exercises"
    yield f"Wrote {done.out}: an autograder for {many}, {done.files} files, {done.size / 1e6:.1f} MB."
    yield "It contains the solutions and the hidden checks, so don't give it to students."
    yield ""
    yield "Next, on Gradescope:"
    steps = [
        f"Create a programming assignment with {done.points:g} autograder points.",
        f"Under Configure Autograder, upload {done.out.name}. Choose Ubuntu 24.04 if it is offered.",
        "In the log of the build, read what `grader doctor` says about the sandbox at the end.",
        "In the settings, give the container at least 2 GB of memory; torch doesn't fit into the default.",
        f"If you change the time limit from {done.options.minutes} minutes, export again with --minutes.",
        "Under Test Autograder, upload a solution: it should get all points.",
    ]
    yield from (f"  {number}. {step}" for number, step in enumerate(steps, 1))


def _files(part: Course, options: GradescopeOptions) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of each file in the archive."""
    grading = ["--only", ",".join(exercise.id for exercise in part.exercises)]
    grading += ["--require-sandbox"] if options.require_sandbox else []
    values = {
        "python": needs_of_the_grader().python.removeprefix(">="),
        "index": index_option(options.index),
        "minutes": str(options.minutes),
        "options": shlex.join(grading),
    }
    yield SETUP, from_template(SETUP, values)
    yield RUN, from_template(RUN, values)
    yield REQUIREMENTS, pinned_requirements(packages_of_all(part)).encode()
    yield from ((f"{COURSE}/{name}", content) for name, content in files_to_grade_with(part.whole))
    yield f"{ENGINE}/{PROJECT_FILE}", project_file(part.whole, "copy").encode()
    yield f"{ENGINE}/README.md", README.encode()
    yield from ((f"{ENGINE}/{name}", content) for name, content in engine_files())


def _archive(files: Mapping[str, bytes]) -> bytes:
    """Return an archive with the files at its root; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, UNCHANGING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name in (SETUP, RUN) else 0o644) << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()
