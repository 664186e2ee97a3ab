"""The dependencies of an exercise's proof, each with a digest that rewording a comment doesn't change."""

from __future__ import annotations

import ast
import functools
import hashlib
import io
import json
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

import grader
from grader.checks.draws import DRAWS_FILE
from grader.course import COURSE_FILE, VISIBILITIES, Course, Exercise
from grader.course.mistakes import misconceptions, with_misconception

LOCK_FILE = "requirements.lock"
LIBRARIES = ("hypothesis", "pytest", "torch")
"""The libraries that affect the result of a check."""
GRADER = Path(grader.__file__).resolve().parent
ROOTS = ("grader.authoring.proofs",)
"""The modules that run a proof; anything they import can change its outcome."""
UNUSED = ("grader.grading.cache", "grader.grading.cluster", "grader.sandbox")
"""Imported, but not part of a proof: results of earlier runs, a cluster, the sandbox (which has its own tests), and
`grader/__init__.py`, the list of public names."""
DIGITS = 16

_MISTAKE = "mistake "
_LAYOUT = {tokenize.ENCODING, tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def dependencies(course: Course, exercise: Exercise) -> dict[str, str]:
    """Return a digest of everything that the proof of an exercise depends on, by a name that an author knows.

    These are: its limits, needs, builtins and what is free in `course.yaml`; the libraries in `requirements.lock`; its
    solution, its stand-in, and those of what it needs; its right answers in other styles; its checks and the modules
    they import; golden records, cases and the seeds of its checks; each mistake, as it changes the solution; and the
    packages of the grader that run a proof.

    Titles, hints, points, and the sentences of mistakes are left out: they don't affect the proof.

    Raises:
        CourseError: a mistake doesn't fit the solution.
    """
    digests = {f"{COURSE_FILE}: limits, needs, builtins, free": digest(_block(exercise))}
    digests |= {f"{LOCK_FILE}: {name}": version for name, version in locked(course.root / LOCK_FILE).items()}
    checks = [course.check_folder(visibility) / f"test_{exercise.id}.py" for visibility in VISIBILITIES]
    helpers, used = _imported_by_checks(course.root, [path for path in checks if path.is_file()])
    names = (exercise.id, *course.all_needs(exercise.id))
    programs = [folder / f"{name}.py" for name in names for folder in (course.solutions, course.standins)]
    programs += [*sorted((course.styles / exercise.id).glob("*.py")), *checks, *sorted(helpers)]
    digests |= {_named(course, path): digest(normalized(_read(path))) for path in programs if path.is_file()}
    golden = course.golden / f"{exercise.id}.json"
    if golden.is_file():
        digests[_named(course, golden)] = digest(_read(golden))
    for visibility in VISIBILITIES:
        path = course.cases(visibility) / f"{exercise.id}.json"
        if path.is_file():
            digests[_named(course, path)] = digest(_without_sentences(_read(path)))
        seeds = course.check_folder(visibility) / DRAWS_FILE
        if seeds.is_file() and exercise.id in (recorded := json.loads(_read(seeds))):
            digests[_named(course, seeds)] = digest(json.dumps(recorded[exercise.id], sort_keys=True))
    for mistake in misconceptions(course, exercise.id):
        text = with_misconception(course, exercise.id, mistake)
        parts = (mistake.name, mistake.check, str(bool(mistake.preceded)), normalized(text))
        digests[f"{_MISTAKE}{mistake.name}"] = digest("\n".join(parts))
    return digests | grader_code(frozenset({*ROOTS, *used}))


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """List what changed between two sets of dependencies, each with the word `changed`, `new` or `gone`.

    A changed solution changes all mistakes; then only the solution is listed.
    """
    words = {name: "gone" for name in before.keys() - now.keys()} | {name: "new" for name in now.keys() - before.keys()}
    words |= {name: "changed" for name in before.keys() & now.keys() if before[name] != now[name]}
    different = [name for name in {**now, **before} if name in words]
    if any(name.startswith("solutions/") and name.count("/") == 1 for name in different):
        different = [name for name in different if not (name.startswith(_MISTAKE) and words[name] == "changed")]
    return [f"{name} ({words[name]})" for name in different]


def digest(text: str) -> str:
    """Return the first hexadecimal digits of a text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


@functools.cache
def normalized(source: str) -> str:
    """Return a program without comments, docstrings, and empty lines: the rest determines what it does.

    The result is the same under every version of Python. A text that isn't Python comes back as it is.
    """
    lines = source.splitlines()
    try:
        ast.parse(source)
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, ValueError, tokenize.TokenError):
        return source
    kept: list[str] = []
    statement: list[tokenize.TokenInfo] = []
    ends = {token.start[0]: token.start[1] for token in tokens if token.type == tokenize.COMMENT}
    for token in tokens:
        if token.type not in _LAYOUT and token.type != tokenize.NEWLINE:
            statement.append(token)
        elif token.type == tokenize.NEWLINE and statement:
            if any(part.type != tokenize.STRING for part in statement):
                kept += _code(lines, statement, ends)
            statement = []
    return "\n".join(kept)


def _code(lines: list[str], statement: list[tokenize.TokenInfo], ends: Mapping[int, int]) -> Iterator[str]:
    """List the lines of a statement, without comments; the inside of strings stays as it is."""
    inside = {row for token in statement for row in range(token.start[0], token.end[0])}
    for row in range(statement[0].start[0], statement[-1].end[0] + 1):
        text = lines[row - 1] if row in inside else lines[row - 1][: ends.get(row)].rstrip()
        if text or row in inside:
            yield text


def grader_code(roots: frozenset[str], folder: Path = GRADER) -> dict[str, str]:
    """Return a digest of each package of the grader that some of its modules import, directly or through others.

    Args:
        roots: the modules' full names.
        folder: where the package `grader` is.
    """
    modules: dict[str, list[str]] = defaultdict(list)
    for name in sorted(_reached(roots, folder.parent)):
        modules[".".join(name.split(".")[:2])].append(f"{name}\n{normalized(_read(_module(name, folder.parent)))}")
    return {package: digest("\n".join(texts)) for package, texts in modules.items()}


def locked(path: Path) -> dict[str, str]:
    """Return the versions of the libraries that affect the result of a check, if a file pins them."""
    text = _read(path) if path.is_file() else ""
    return {name: version for name, version in re.findall(r"^(\S+?)==(\S+)", text, re.M) if name in LIBRARIES}


def _reached(roots: Iterable[str], base: Path) -> set[str]:
    """List modules and everything that they import statically, except imports only for types."""
    modules: set[str] = set()
    waiting = [name for name in roots if _is_module(name, base)]
    while waiting:
        name = waiting.pop()
        if name in modules or any(name == unused or name.startswith(f"{unused}.") for unused in UNUSED):
            continue
        modules.add(name)
        waiting += [other for other in imported(_module(name, base), name) if _is_module(other, base)]
        waiting += [parent for parent in [name.rpartition(".")[0]] if _is_module(parent, base)]
        if _is_lazy(_module(name, base)):
            package = _module(name, base).parent
            waiting += [f"{name}.{path.stem}" for path in package.glob("*.py") if path.stem != "__init__"]
    return modules


def _is_module(name: str, base: Path) -> bool:
    return name.startswith("grader.") and _module(name, base).is_file()


def _module(name: str, base: Path) -> Path:
    """Return the file of a module or package."""
    path = base.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@functools.cache
def _tree(source: str) -> ast.Module:
    return ast.parse(source)


def imported(path: Path, name: str = "") -> set[str]:
    """List the modules, and names that might be modules, that a file imports outside `if TYPE_CHECKING`.

    Args:
        path: the file.
        name: its name as a module; if it has none, relative imports are left out.
    """
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    imported: set[str] = set()
    waiting: list[ast.AST] = [_tree(_read(path))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            start = ".".join([*parents, *([node.module] if node.module else [])])
            imported |= {start} | {f"{start}.{alias.name}" for alias in node.names}
    return imported


def _is_lazy(path: Path) -> bool:
    """Say whether a package imports its modules only on first use."""
    if path.stem != "__init__":
        return False
    return any(
        (isinstance(node, ast.FunctionDef) and node.name == "__getattr__")
        or (isinstance(node, ast.Name) and node.id == "__getattr__" and isinstance(node.ctx, ast.Store))
        for node in ast.walk(_tree(_read(path)))
    )


def _imported_by_checks(root: Path, checks: list[Path]) -> tuple[set[Path], set[str]]:
    """List the course's own modules that checks import, and the grader modules that they all import."""
    helpers: set[Path] = set()
    used: set[str] = set()
    waiting = list(checks)
    while waiting:
        path = waiting.pop()
        for name in imported(path, ".".join(path.relative_to(root).with_suffix("").parts)):
            if name.partition(".")[0] == "grader":
                used.add(name)
                continue
            file = _module(name, root) if name else root
            if file.is_file() and file not in helpers and file not in checks:
                helpers.add(file)
                waiting.append(file)
    return helpers, used


def _block(exercise: Exercise) -> str:
    parts = [exercise.id, list(exercise.needs), exercise.limits, exercise.builtins, exercise.free]
    return msgspec.json.encode(parts).decode()


def _without_sentences(cases: str) -> str:
    book = json.loads(cases)
    book["misconceptions"] = [known["name"] for known in book["misconceptions"]]
    return json.dumps(book)


def _named(course: Course, path: Path) -> str:
    return path.relative_to(course.root).as_posix()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
