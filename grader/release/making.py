"""`grader release`: collect what students get, write it, search it for secrets, and say what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course
from grader.errors import UsageError
from grader.release.contents import Contents, contents
from grader.release.packaging import Engine, requirement
from grader.release.scanning import Search, findings, refuse, search_for_secrets
from grader.release.writing import Form, destination, has_one_commit, released_files, write


@dataclass(frozen=True)
class Release:
    """A release that was written.

    Attributes:
        out: where it is.
        form: what it is.
        engine: whether the grader is in it.
        exercises: the ids of its exercises.
        added: those of them that are in it only because others need them.
        files: the number of its files.
        size: the size of its files in bytes.
        searched: the number of secret lines that were searched for.
    """

    out: Path
    form: Form
    engine: Engine
    exercises: tuple[str, ...]
    added: tuple[str, ...]
    files: int
    size: int
    searched: int


def release(
    course: Course, out: Path, tracks: Sequence[str] = (), form: Form = "folder", engine: Engine = "copy"
) -> Release:
    """Write what students get.

    Args:
        course: the course, with its solutions.
        out: where to write it: a folder that doesn't exist or is empty, or the path of an archive.
        tracks: the only tracks whose exercises students get; all exercises by default.
        form: whether to write a folder, a zip archive, or a git repository with one commit.
        engine: whether the grader itself is in it (`copy`), or is installed by pip (`pip`).

    Raises:
        UsageError: this copy has no solutions, something is at the path already, git is missing, or there is no such
            track.
        CourseError: something is wrong with a file of the course.
        NotWritten: the release cannot be written; nothing is left of it.
        SecretsReleased: there is a secret in it; nothing is left of it.
    """
    out = destination(course, out, form)
    made = contents(course.whole, tracks, engine)
    search = search_for_secrets(course.whole)
    write(
        made.files,
        out,
        form,
        f"{course.title}: the exercises",
        lambda written: _approve(made, search, written, out, form),
    )
    return Release(
        out,
        form,
        engine,
        tuple(exercise.id for exercise in made.exercises),
        made.added,
        len(made.files),
        sum(map(len, made.files.values())),
        len(search.lines),
    )


def as_lines(done: Release) -> Iterator[str]:
    """Say what was written and what to do next, in lines."""
    kinds = {"folder": "a folder", "zip": "an archive", "git": "a git repository with one commit"}
    many = "1 exercise" if len(done.exercises) == 1 else f"{len(done.exercises)} exercises"
    yield f"Released {many} to {done.out}: {kinds[done.form]}, {done.files} files, {done.size / 1e6:.1f} MB."
    if done.added:
        yield f"Others build on {', '.join(done.added)}, so students get these, too."
    yield f"None of {done.searched:,} lines of solutions, hidden checks and edits is in it."
    yield ""
    match done.form:
        case "folder":
            yield f"Next: read {done.out / 'README.md'}, add where students can ask, and put the folder online."
        case "zip":
            yield f"Next: upload {done.out.name} to your learning platform."
        case "git":
            yield f"Next: cd {done.out}; git remote add origin URL; git push --set-upstream origin main"
    if done.engine == "pip":
        yield f"Students' pip must find {requirement()}. If it isn't on an index, change that line in pyproject.toml."
    yield "In the new folder, in a new environment (README.md says how), students first type:"
    yield from (f"  {command}" for command in ("pip install -e .", "pytest", f"grader lesson {done.exercises[0]}"))


def _approve(made: Contents, search: Search, written: Path, out: Path, form: Form) -> None:
    """Search what was written.

    Raises:
        SecretsReleased: there is a secret in it.
        UsageError: the repository doesn't have exactly one commit.
    """
    files = ((name, content) for name, content in released_files(written, form) if name not in made.not_searched)
    refuse(findings(made.course, search, files), out)
    if form == "git" and not has_one_commit(written):
        raise UsageError(f"{out} was not written, because its repository would have more in it than one commit.")
