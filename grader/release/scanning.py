"""The search for secrets in a release: no line of a solution, a hidden check or an edit may be in any of its files."""

from __future__ import annotations

import contextlib
import fnmatch
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from grader.course import Course
from grader.course.mistakes import FAMILIES, FOLDER
from grader.course.stub import make_stub
from grader.course.yaml_file import YamlFile
from grader.errors import CourseError, GraderError
from grader.files import reason

SHORTEST = 25
"""Characters of the shortest line that counts as a secret: shorter ones say too little."""
COMMON = re.compile(r"(?:from [\w.]+ )?import [\w.]|if __name__ == ")
"""Beginnings of lines that any module may have."""
SHARED_FILE = "tests/shared_lines.yaml"
"""An optional file of a course: lines that are in a secret and in a file of a release, and may be."""
TEXTS = (".py", ".md", ".txt", ".yaml", ".yml")
IMAGES = (".png", ".jpg", ".jpeg", ".gif")
MOST = 10
"""How many findings a message lists."""
_ARROW = " => "
_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class SecretsReleased(GraderError):
    """A release contains lines that students must not have."""


class _Shared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines that may be in some files.

    Attributes:
        files: a path in the release; `*` stands for anything.
        why: the reason.
        lines: the lines; their indentation doesn't count.
    """

    files: str
    why: str
    lines: str


@dataclass(frozen=True)
class Finding:
    """A secret line in a released file: the file and line where it is, and the file that it comes from."""

    file: str
    line: int
    text: str
    source: str

    def __str__(self) -> str:
        if not self.text:
            return f"{self.file}: {self.source}"
        shown = self.text if len(self.text) <= 80 else f"{self.text[:79]}…"
        return f"{self.file}, line {self.line}: `{shown}` is also in {self.source}"


class Search:
    """Finds secret lines in texts.

    Args:
        lines: the lines, without indentation, each with the file that it comes from.
    """

    def __init__(self, lines: Mapping[str, str]) -> None:
        self.lines = lines
        self._by_beginning: dict[str, list[str]] = {}
        for line in lines:
            self._by_beginning.setdefault(line[:SHORTEST], []).append(line)

    def find(self, text: str) -> dict[str, int]:
        """Return the secret lines in a text, whatever is before and after them, with the position of the first."""
        found: dict[str, int] = {}
        known = self._by_beginning
        for start in range(len(text) - SHORTEST + 1):
            beginning = text[start : start + SHORTEST]
            if beginning in known:
                for line in known[beginning]:
                    if text.startswith(line, start):
                        found.setdefault(line, start)
        return found


def search_for_secrets(course: Course) -> Search:
    """Make the search for a course's secrets.

    These are the lines of solutions, styles, pages about approaches, hidden checks and edits. What students may have in
    stubs, lessons, visible checks and stand-ins is no secret.
    """
    lines: dict[str, str] = {}
    for source, text in _secret_texts(course):
        for number, line in enumerate(text.splitlines(), 1):
            _add(lines, line, f"{source}, line {number}")
    for source, text in _edits(course):
        for line in text.splitlines():
            for part in line.split(_ARROW):
                # A line of an edit begins with a mark.
                _add(lines, part[1:] if part[:1] in ("+", "-") else part, source)
    every = Search(lines)
    public = {line for text in _public_texts(course) for line in every.find(text)}
    return Search({line: source for line, source in lines.items() if line not in public})


def findings(course: Course, search: Search, files: Iterable[tuple[str, bytes]]) -> Iterator[Finding]:
    """Yield what students must not have in files, except the lines that the course allows there.

    Args:
        course: the course.
        search: the search for its secrets.
        files: the path and content of each file.
    """
    shared = _shared(course)
    for name, content in files:
        for part, text in _texts(name, content):
            if text is None:
                yield Finding(part, 0, "", "this kind of file can't be searched, so it isn't released")
                continue
            allowed = {line for entry in shared if fnmatch.fnmatchcase(name, entry.files) for line in _lines(entry)}
            for line, start in search.find(text).items():
                if line not in allowed:
                    yield Finding(part, text.count("\n", 0, start) + 1, line, search.lines[line])


def refuse(found: Iterable[Finding], out: Path) -> None:
    """Do nothing if nothing was found.

    Raises:
        SecretsReleased: something was.
    """
    every = list(found)
    if every:
        rows = [f"  {finding}" for finding in every[:MOST]]
        rows += [f"  and {len(every) - MOST} more"] if len(every) > MOST else []
        raise SecretsReleased(
            f"{out} was not written, because students would have got something secret:\n"
            + "\n".join(rows)
            + f"\nRemove it there. If students may have a line, list it in {SHARED_FILE}: docs/class.md says how."
        )


def _add(lines: dict[str, str], line: str, source: str) -> None:
    line = line.strip()
    if len(line) >= SHORTEST and not COMMON.match(line):
        lines.setdefault(line, source)


def _secret_texts(course: Course) -> Iterator[tuple[str, str]]:
    """Yield the path and text of each file that is a secret as a whole."""
    for folder in (course.solutions, course.check_folder("hidden")):
        for path in sorted(folder.rglob("*")):
            open_to_students = path.is_relative_to(course.standins) or path.is_relative_to(course.solutions / FOLDER)
            if path.suffix in TEXTS and path.is_file() and not open_to_students:
                yield path.relative_to(course.root).as_posix(), _read(path)


def _edits(course: Course) -> Iterator[tuple[str, str]]:
    """Yield the edits of all mistakes and their values; the sentences about mistakes are for students."""
    folder = course.solutions / FOLDER
    for path in sorted([*folder.glob("*.yaml"), *(folder / FAMILIES).glob("*.yaml")]):
        try:
            entries = yaml.load(_read(path), _Loader)
        except yaml.YAMLError as problem:
            raise CourseError(f"{path} is not valid YAML, so its edits aren't known: {problem}. Fix it.") from None
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            fields = entry if isinstance(entry, dict) else {}
            source = f"{path.relative_to(course.root).as_posix()} (`{name}`)"
            yield from ((source, str(text)) for text in [fields.get("edit") or "", *(fields.get("values") or [])])


def _public_texts(course: Course) -> Iterator[str]:
    """Yield the text of everything that students may have."""
    for path in sorted(course.solutions.glob("*.py")):
        try:
            yield make_stub(_read(path))
        except CourseError:
            # The solution of a draft may not be ready yet.
            continue
    standins = [course.standins]
    standins += [course.root / course.capstone.module / "standins"] if course.capstone is not None else []
    yield from map(_read, sorted(course.stubs.glob("*.md")))
    for folder in (course.check_folder("visible"), *standins):
        yield from map(_read, sorted(folder.rglob("*.py")))


def _shared(course: Course) -> list[_Shared]:
    path = course.root / SHARED_FILE
    if not path.is_file():
        return []
    file = YamlFile(path, _read(path), CourseError)
    return file.convert(file.data or [], list[_Shared])


def _lines(entry: _Shared) -> list[str]:
    return [line.strip() for line in entry.lines.splitlines()]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise CourseError(f"{path} cannot be read ({reason(problem)}). Save it as plain text in UTF-8.") from None


def _texts(name: str, content: bytes) -> Iterator[tuple[str, str | None]]:
    """Yield the name and text of a file, or of the files in an archive; None if it can't be searched."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield from _texts(f"{name}/{entry.filename}", archive.read(entry))
        return
    if name.endswith(IMAGES):
        yield name, content.decode("latin-1")
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        yield name, None
        return
    yield name, text
    if name.endswith((".json", ".ipynb")):
        # In JSON, quotation marks and line breaks look different. Other text was searched as it is.
        with contextlib.suppress(ValueError):
            yield name, "\n".join(_strings(json.loads(text)))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
