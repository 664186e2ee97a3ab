"""The catalog of mistakes that people make, each written as a small change to the solution.

The mistakes of an exercise are in `solutions/misconceptions/<exercise>.yaml`, which maps names to entries. An entry
takes whatever it leaves out from a family that it names (`families/<family>.yaml`, shared by exercises), or from one of
the stock mistakes. Reading a catalog executes none of it.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

import msgspec

from grader.course import Course
from grader.course.edits import ARROW, Change, EditError, Program, diff, merge, parse
from grader.course.stock_mistakes import STOCK, NoPlace, Scope
from grader.course.yaml_file import YamlFile
from grader.errors import CourseError
from grader.files import reason

FOLDER = "misconceptions"
FAMILIES = "families"
"""The folder of the catalog in `solutions`, and the folder of the families in it."""

NAME_TO_WRITE, TO_WRITE = "name_this_mistake", "TODO:"
"""In a drafted entry: the name that it has until somebody gives it one, and the beginning of unwritten sentences."""

VALUE = "{value}"
"""The place of a value in an edit, and in the sentence about a number that was worked out."""


class Edit(Protocol):
    """Turns a correct answer into a mistake."""

    def changes(self, program: Program) -> list[Change]:
        """Locate the changes in the answer.

        Raises:
            CourseError: the edit doesn't fit the answer; the message names its line.
        """

    def with_value(self, value: str) -> Edit:
        """Return the edit with another value for `{value}`."""


@dataclass(frozen=True)
class Misconception:
    """One mistake.

    Attributes:
        name: a short id such as `scale_missing`, unique in its exercise.
        did: what the learner did, as a sentence to them.
        why: why it is wrong, in a sentence.
        hint: where to look, without giving the line away.
        check: the id of the check that is about this mistake; it is the first check to fail on it.
        edit: the change to the solution.
        met: how common it is and where it occurs, if known.
        preceded: if another check has to fail first, why; the matrix shows it.
        values: if the mistake can be made with different values, some of them; the first is usually in the edit.
        value: the value in the edit; if the values are numbers, it can be any number.
        measured: a form of `did` with `{value}` in it, for a number that was worked out from a learner's answers.
    """

    name: str
    did: str
    why: str
    hint: str
    check: str
    edit: Edit
    met: str = ""
    preceded: str = ""
    values: tuple[str, ...] = ()
    value: str = ""
    measured: str = ""

    @property
    def key(self) -> str:
        """A name for this mistake with this value; with the first value, it is the mistake's name."""
        return self.name if self.value in ("", *self.values[:1]) else f"{self.name}={self.value}"

    @property
    def variants(self) -> tuple[Misconception, ...]:
        """The mistake with each of its values; only itself if it has none."""
        return tuple(self.with_value(value) for value in self.values) or (self,)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The values as numbers in rising order; empty if they aren't numbers."""
        try:
            return tuple(sorted(float(value) for value in self.values))
        except ValueError:
            return ()

    def with_value(self, value: str) -> Misconception:
        """Return the mistake with another value in its edit."""
        return replace(self, value=value, edit=self.edit.with_value(value))

    def apply(self, solution: str) -> str:
        """Return the solution's text with this mistake in it.

        Raises:
            CourseError: the edit doesn't fit the solution.
        """
        return apply(solution, self)

    def as_diff(self, solution: str) -> str:
        """Show the mistake as a change to the solution, in the form of an edit."""
        return diff(solution, self.apply(solution))


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mistake as it is written in the file of an exercise, or partly in the file of a family.

    Attributes:
        family: the family whose entry of the same name fills in whatever this one leaves out.
        stock: the name of a stock mistake.
        at: for a stock mistake, the class, method or function to make it in.
        of: for a stock mistake, the expression or argument that it is about.
        did, why, hint, check, met, preceded: as in a `Misconception`.
        edit: the change, written like a diff.
        values: texts that can replace `{value}` in the edit, such as "1e-6" and "1e-8".
        measured: `did` with `{value}` in it, for a number that was worked out.
    """

    family: str = ""
    stock: str = ""
    at: str = ""
    of: str = ""
    did: str = ""
    why: str = ""
    hint: str = ""
    check: str = ""
    met: str = ""
    preceded: str = ""
    edit: str = ""
    values: list[str] = []
    measured: str = ""


@dataclass(frozen=True)
class _Written:
    """An edit that is written in an entry."""

    file: YamlFile
    keys: tuple[str, ...]
    text: str
    value: str = ""

    def changes(self, program: Program) -> list[Change]:
        text = self.text.replace(VALUE, self.value) if self.value else self.text
        try:
            return [change for hunk in parse(text) for change in hunk.changes(program)]
        except EditError as problem:
            # A single change can be on the line of its key.
            row = problem.line if "\n" in self.text else None
            raise self.file.complaint(str(problem), self.keys, row) from None

    def with_value(self, value: str) -> Edit:
        return replace(self, value=value)


@dataclass(frozen=True)
class _Stock:
    """An edit that a stock mistake makes."""

    file: YamlFile
    keys: tuple[str, ...]
    entry: Entry

    def changes(self, program: Program) -> list[Change]:
        try:
            return STOCK[self.entry.stock].changes(self.scope(program))
        except NoPlace as problem:
            raise self.file.complaint(str(problem), self.keys) from None

    def with_value(self, value: str) -> Edit:
        raise ValueError(f"a stock mistake has no value, so it can't be {value}")

    def scope(self, program: Program) -> Scope:
        return Scope(program, self.entry.at, self.entry.of)


def apply(solution: str, *mistakes: Misconception) -> str:
    """Return a solution's text with mistakes in it, each located in the original solution.

    Raises:
        CourseError: an edit doesn't fit the solution, two mistakes change the same code, or the result isn't valid
            Python.
    """
    text = edited(solution, *mistakes)
    try:
        ast.parse(text)
    except SyntaxError as problem:
        line = text.splitlines()[(problem.lineno or 1) - 1].strip()
        message = f"{_names(mistakes)}: the edit doesn't produce valid Python: {problem.msg} in `{line}`. Fix the edit."
        raise CourseError(message) from None
    return text


def edited(solution: str, *mistakes: Misconception) -> str:
    """Return the text as `apply` does, without making sure that it is valid Python.

    Raises:
        CourseError: an edit doesn't fit the solution, or two mistakes change the same code.
    """
    program = _program(solution)
    text = merge(program, [change for mistake in mistakes for change in mistake.edit.changes(program)])
    if text is None:
        raise CourseError(f"{_names(mistakes)}: the same code is changed twice. Write both as one change.")
    return text


def _names(mistakes: Iterable[Misconception]) -> str:
    return " and ".join(f"`{mistake.name}`" for mistake in mistakes)


@functools.lru_cache(maxsize=8)
def _program(solution: str) -> Program:
    """Read a solution, which hundreds of mistakes are then made in."""
    return Program(solution)


def misconceptions(course: Course, exercise: str) -> tuple[Misconception, ...]:
    """Return the mistakes of an exercise, in the order of its file; empty if there is no file.

    Raises:
        CourseError: the catalog is wrong, or doesn't fit the solution; the message names the line.
    """
    path = course.solutions / FOLDER / f"{exercise}.yaml"
    if not path.is_file():
        return ()
    solution = Program((course.solutions / f"{exercise}.py").read_text(encoding="utf-8"))
    reader = _Reader(course, exercise, solution)
    return tuple(reader.mistakes(_File(path)))


def misconception(course: Course, exercise: str, name: str) -> Misconception:
    """Return the mistake of that name.

    Raises:
        KeyError: the exercise has no such mistake.
    """
    return {mistake.name: mistake for mistake in misconceptions(course, exercise)}[name]


class _File(YamlFile):
    """A file of entries by name."""

    def __init__(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise CourseError(f"{path} cannot be read ({reason(problem)}). Save it as plain text in UTF-8.") from None
        super().__init__(path, text, CourseError)
        if not isinstance(self.data, dict):
            raise self.complaint("expected mistakes by name, each with `did`, `why`, `hint`, `check` and `edit`", [])
        self.entries = {name: self._entry(name, fields) for name, fields in self.data.items()}

    def _entry(self, name: str, fields: object) -> Entry:
        for field in fields if isinstance(fields, dict) else ():
            if field not in Entry.__struct_fields__:
                close = get_close_matches(field, Entry.__struct_fields__, n=1)
                advice = (
                    f"did you mean `{close[0]}`" if close else f"choose one of {', '.join(Entry.__struct_fields__)}"
                )
                raise self.complaint(f"unknown key `{field}`; {advice}", [name, field])
        entry = self.convert(fields, Entry, [name])
        if entry.edit and not entry.edit.endswith("\n") and ARROW not in entry.edit:
            raise self.complaint("write the edit below `edit: |`, one line of the program per line", [name, "edit"])
        if entry.edit and entry.stock:
            raise self.complaint("an entry can have an `edit` or a `stock` mistake, not both", [name, "stock"])
        if entry.stock and entry.stock not in STOCK:
            message = f"there is no stock mistake `{entry.stock}`; choose one of {', '.join(STOCK)}"
            raise self.complaint(message, [name, "stock"])
        return entry


class _Reader:
    """Assembles the mistakes of an exercise from its file, families and stock mistakes."""

    def __init__(self, course: Course, exercise: str, solution: Program) -> None:
        self._checks = course.by_id[exercise].checks
        self._exercise = exercise
        self._solution = solution
        self._folder = course.solutions / FOLDER / FAMILIES
        self._families: dict[str, _File] = {}

    def mistakes(self, file: _File) -> list[Misconception]:
        """Assemble the mistakes in a file, and try their edits on the solution."""
        mistakes = [self._mistake(file, name, entry) for name, entry in file.entries.items()]
        for mistake in mistakes:
            for variant in mistake.variants:
                variant.edit.changes(self._solution)
        return mistakes

    def _mistake(self, file: _File, name: str, written: Entry) -> Misconception:
        family, shared = self._shared(file, name, written)
        if written.edit or written.stock:
            if shared.stock:
                shared = self._with_stock_sentences(_Stock(family, (name,), shared))
            # The entry's own change replaces the family's.
            shared = msgspec.structs.replace(shared, edit="", stock="", at="", of="")
        values = msgspec.structs.asdict(shared) | {k: v for k, v in msgspec.structs.asdict(written).items() if v}
        entry = Entry(**values)
        edit: _Written | _Stock
        if entry.stock:
            edit = _Stock(file, (name,), entry)
            entry = self._with_stock_sentences(edit)
        elif entry.edit:
            edit = _Written(file if written.edit else family, (name, "edit"), entry.edit)
        else:
            raise file.complaint("`edit` is missing: write the change like a diff, or name a `stock` mistake", [name])
        for field, meaning in (
            ("did", "what the learner did, as a sentence to them"),
            ("why", "why that is wrong, in a sentence"),
            ("hint", "where to look"),
            ("check", "the check that is about this mistake"),
        ):
            if not getattr(entry, field).strip():
                raise file.complaint(f"`{field}` is missing: {meaning}", [name])
            if getattr(entry, field).startswith(TO_WRITE):
                raise file.complaint(f"this entry is a draft; write {meaning}", [name, field])
        if name == NAME_TO_WRITE:
            raise file.complaint("this entry is a draft; give it a name, such as `scale_missing`", [name])
        checks = [check.id for check in self._checks]
        if entry.check not in checks:
            close = get_close_matches(entry.check, checks, n=1)
            advice = f"; the closest is `{close[0]}`" if close else ""
            keys = [name, "check"] if written.check else [name]
            raise file.complaint(f"`{self._exercise}` has no check `{entry.check}`{advice}", keys)
        sentences = (entry.did, entry.why, entry.hint, entry.check, edit, entry.met, entry.preceded)
        mistake = Misconception(name, *sentences, values=tuple(entry.values), measured=entry.measured)
        if bool(entry.values) != (VALUE in entry.edit):
            raise file.complaint("`values` need an `edit` with {value} in it, and the other way around", [name])
        if entry.measured and not (mistake.numbers and VALUE in entry.measured):
            raise file.complaint(
                "`measured` is a sentence with {value} in it, and needs `values` that are numbers", [name]
            )
        return mistake.variants[0]

    def _shared(self, file: _File, name: str, entry: Entry) -> tuple[_File, Entry]:
        """Return the family's file, and its entry for a mistake."""
        if not entry.family:
            return file, Entry()
        if entry.family not in self._families:
            path = self._folder / f"{entry.family}.yaml"
            if not path.is_file():
                raise file.complaint(f"there is no family `{entry.family}`: write {path}", [name, "family"])
            self._families[entry.family] = _File(path)
        family = self._families[entry.family]
        if name not in family.entries:
            raise file.complaint(f"the family `{entry.family}` has no `{name}`", [name, "family"])
        return family, family.entries[name]

    def _with_stock_sentences(self, edit: _Stock) -> Entry:
        entry, stock = edit.entry, STOCK[edit.entry.stock]
        did = entry.did
        if not did:
            try:
                did = stock.about(lambda: edit.scope(self._solution).subject)
            except NoPlace as problem:
                raise edit.file.complaint(str(problem), edit.keys) from None
        return msgspec.structs.replace(
            entry,
            did=did,
            why=entry.why or stock.why,
            hint=entry.hint or stock.hint,
            check=entry.check or stock.check(self._checks),
        )


def family_edits(course: Course, exercise: str) -> Iterator[tuple[str, str, str]]:
    """Yield the family, the name and the edit of each entry of a family that an exercise doesn't have.

    Raises:
        CourseError: the catalog is wrong; the message names the line.
    """
    used = {mistake.name for mistake in misconceptions(course, exercise)}
    for path in sorted((course.solutions / FOLDER / FAMILIES).glob("*.yaml")):
        for name, entry in _File(path).entries.items():
            if entry.edit and VALUE not in entry.edit and name not in used:
                yield path.stem, name, entry.edit


def with_misconception(course: Course, exercise: str, misconception: Misconception) -> str:
    """Return the text of an exercise's solution with a mistake in it."""
    text = (course.solutions / f"{exercise}.py").read_text(encoding="utf-8")
    return misconception.apply(text)


def right_answers(course: Course, exercise: str) -> tuple[Path, ...]:
    """List the files of an exercise's correct answers: the solution, the stand-in, then the other styles."""
    paths = [course.solutions / f"{exercise}.py", course.standins / f"{exercise}.py"]
    paths += sorted((course.styles / exercise).glob("*.py"))
    return tuple(path for path in paths if path.is_file())


def write_submission(course: Course, folder: Path, replaced: dict[str, str]) -> Path:
    """Write a submission with the solutions as its modules, some of them replaced; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for exercise in course.exercises:
        text = (course.solutions / f"{exercise.id}.py").read_text(encoding="utf-8")
        (folder / f"{exercise.id}.py").write_text(replaced.get(exercise.id, text), encoding="utf-8")
    return folder
