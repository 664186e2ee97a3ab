"""GitHub Classroom: `gh classroom clone student-repos` gives a folder of clones, `assignment-submissions`.

A clone is called `assignment-username`, or `assignment-team`. Its time is that of the last commit. Nothing in a clone
is run, and git never reads its configuration, which could name a program to run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

from grader.archives import LeftOut
from grader.collect.download import entries, files_below, is_folder
from grader.collect.model import Attempt, Contents, Source, Submitted
from grader.reports import Person

SUBMISSIONS = "-submissions"
GIT = ".git"
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
COMMITTER = re.compile(rb"^committer .*> (?P<time>\d{1,12}) [+-]\d{4}$", re.MULTILINE)
PATIENCE = 20
"""Seconds that git may take for one commit."""
TIMES = (
    "The times are those of the last commits, which students can set. GitHub Classroom's own times are in the grades "
    "that you download from it: --people FILE"
)
LIST = (
    "Clones have no names. They are in GitHub Classroom's roster (Students, Download), and the members of teams in the "
    "grades that you download: --people FILE"
)
NO_GIT = "git isn't installed, so the times of the commits are unknown. Install git, and collect again."


def matches(root: Path) -> int:
    """Count the clones, which may have lost their history in a folder that is called as GitHub calls it."""
    folders = [entry for entry in entries(root) if is_folder(entry)]
    return sum(os.path.lexists(entry / GIT) for entry in folders) or (
        len(folders) if root.name.endswith(SUBMISSIONS) else 0
    )


def read(source: Source) -> Contents:
    """Read a folder of clones."""
    clones = [entry for entry in entries(source.root) if is_folder(entry)]
    left_out = [LeftOut(entry.name, "isn't a clone") for entry in entries(source.root) if not is_folder(entry)]
    prefix = _assignment(source.name, [clone.name for clone in clones])
    submitted = []
    for clone in clones:
        files, problems = files_below(clone, source.root)
        left_out += problems
        user = clone.name.removeprefix(f"{prefix}-") if prefix else clone.name
        keys = (f"github:{user.lower()}", f"repository:{clone.name.lower()}")
        attempt = Attempt("1", tuple(files), _time_of(clone / GIT))
        submitted.append(Submitted(user, keys, (Person("", name=user),), (attempt,)))
    remarks = (TIMES,) if shutil.which("git") else (NO_GIT,)
    return Contents(tuple(submitted), tuple(left_out), remarks, prefix, LIST)


def _assignment(name: str, clones: list[str]) -> str:
    """Return the assignment's name, with which the clones' names begin; empty if it isn't known."""
    if name.endswith(SUBMISSIONS) and all(clone.startswith(name[: -len(SUBMISSIONS)] + "-") for clone in clones):
        return name[: -len(SUBMISSIONS)]
    if len(clones) < 2:
        return ""
    shared = []
    for parts in zip(*(clone.split("-")[:-1] for clone in clones), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "-".join(shared)


def _time_of(repository: Path) -> datetime | None:
    """Return the time of a clone's last commit; None if it can't be found out."""
    commit = _head(repository)
    objects = repository / "objects"
    if not commit or not is_folder(objects) or not shutil.which("git"):
        return None
    with tempfile.TemporaryDirectory(prefix="collect-") as empty:
        # A repository of our own, with the objects of the clone: git reads no configuration but ours.
        keep = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment = keep | {
            "GIT_DIR": empty,
            "GIT_OBJECT_DIRECTORY": str(objects.resolve()),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
        }
        (Path(empty) / "refs").mkdir()
        (Path(empty) / "HEAD").write_text("ref: refs/heads/none\n")
        try:
            done = subprocess.run(
                ["git", "cat-file", "commit", commit],
                env=environment,
                cwd=empty,
                capture_output=True,
                timeout=PATIENCE,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
    committer = COMMITTER.search(done.stdout.partition(b"\n\n")[0])
    try:
        return datetime.fromtimestamp(int(committer["time"])).astimezone() if committer else None
    except (OverflowError, ValueError, OSError):
        return None


def _head(repository: Path) -> str:
    """Return the commit that a clone is at; empty if it can't be found out."""
    head = _line(repository / "HEAD")
    if not head.startswith("ref: "):
        return head if COMMIT.fullmatch(head) else ""
    ref = head.removeprefix("ref: ").strip()
    if not re.fullmatch(r"refs(?:/[\w.-]+)+", ref) or ".." in ref:
        return ""
    commit = _line(repository / ref)
    if not commit:
        for line in _text(repository / "packed-refs").splitlines():
            if line.endswith(f" {ref}"):
                commit = line.split(" ", 1)[0]
    return commit if COMMIT.fullmatch(commit) else ""


def _line(path: Path) -> str:
    return _text(path).strip()


def _text(path: Path) -> str:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 2**22:
        return ""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
