"""Writing a release: completely or not at all, as a folder, a zip archive, or a git repository with one commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from grader.course import Course
from grader.errors import GraderError, UsageError
from grader.writing import writing

Form = Literal["folder", "zip", "git"]
BUILD = "build"
"""The only folder of a course in which a release may be."""
UNCHANGING = (1980, 1, 1, 0, 0, 0)
AUTHOR = {"NAME": "grader release", "EMAIL": "release@localhost"}


class GitFailed(GraderError):
    """Git can't make the repository."""


def destination(course: Course, out: Path, form: Form) -> Path:
    """Return the path of a release that can be written.

    Raises:
        UsageError: something is there already, the path is in the course's own folder, or git is missing.
    """
    if form == "zip" and out.suffix != ".zip":
        out = out.with_name(f"{out.name}.zip")
    place = out.resolve()
    if place.is_relative_to(course.root) and not (
        place.is_relative_to(course.root / BUILD) and place != course.root / BUILD
    ):
        raise UsageError(
            f"{out} is in the course's own folder, {course.root}. Name a folder outside of it, or one in {BUILD}/."
        )
    if form == "zip" and os.path.lexists(place):
        raise UsageError(f"{out} exists already. Delete it, or name another file.")
    if os.path.lexists(place) and (not place.is_dir() or any(place.iterdir())):
        raise UsageError(f"{out} exists already, and isn't an empty folder. Delete it, or name another one.")
    if form == "git" and shutil.which("git") is None:
        raise UsageError("--git needs git, which is not installed. Install it, or leave out --git.")
    return out


def write(files: Mapping[str, bytes], out: Path, form: Form, message: str, approve: Callable[[Path], None]) -> None:
    """Write a release next to its final path, and move it there if it is approved.

    Args:
        files: the content of each file, by its path with `/`.
        out: the final path.
        form: what to write.
        message: the message of the commit.
        approve: called with what was written, while it isn't in its final place yet; if it raises, nothing is left.

    Raises:
        NotWritten: it cannot be written.
        GitFailed: git can't make the repository.
    """
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name[:40]}.", dir=out.parent) as scratch:
            written = Path(scratch) / out.name
            if form == "zip":
                _write_zip(files, written)
            else:
                _write_folder(files, written)
            if form == "git":
                _commit(written, message)
            approve(written)
            if out.is_dir():
                out.rmdir()
            os.replace(written, out)


def released_files(path: Path, form: Form) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file of a release as it was written, except git's packed copies of them."""
    if form == "zip":
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                yield entry.filename.partition("/")[2], archive.read(entry)
        return
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path)
        # The index has only names.
        packed = form == "git" and (name.parts[:2] == (".git", "objects") or name.as_posix() == ".git/index")
        if file.is_file() and not packed:
            yield name.as_posix(), file.read_bytes()
    if form == "git":
        yield ".git (commit)", _git(path, "cat-file", "commit", "HEAD")


def has_one_commit(path: Path) -> bool:
    """Say whether a repository has exactly one commit, and nothing but the files of that commit."""
    objects = _git(path, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)")
    kinds = [row.split() for row in objects.decode().splitlines()]
    contents = {name for kind, name in kinds if kind == "blob"}
    committed = {row.split()[2] for row in _git(path, "ls-tree", "-r", "HEAD").decode().splitlines()}
    return contents == committed and sum(kind in ("commit", "tag") for kind, _ in kinds) == 1


def _write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _write_zip(files: Mapping[str, bytes], path: Path) -> None:
    """Write an archive with a single folder in it; the same files give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{path.stem}/{name}", UNCHANGING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])


def _commit(folder: Path, message: str) -> None:
    # Without a template, no hooks and no description come from this machine.
    _git(folder, "-c", "init.defaultBranch=main", "init", "--quiet", "--template=")
    _git(folder, "add", "--all", "--force", ".")
    _git(folder, "commit", "--quiet", "--message", message)


def _git(folder: Path, *arguments: str) -> bytes:
    """Run git without anybody's settings, and return what it prints.

    Raises:
        GitFailed: it fails.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= {f"GIT_{role}_{key}": text for role in ("AUTHOR", "COMMITTER") for key, text in AUTHOR.items()}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, check=False)
    if done.returncode:
        problem = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
        raise GitFailed(f"git can't make the repository ({problem}). Fix that, or leave out --git.")
    return done.stdout
