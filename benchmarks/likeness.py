"""How many programs that nobody copied are listed as nearly the same, and how many copies are missed.

    python benchmarks/likeness.py

For each exercise, a class is made of programs that were written independently: the correct answers in other styles (for
this measurement, they don't count as the course's own code), the solution with each known mistake of the catalog, and
one wrong program by another author. Then programs with code of their own are handed in a second time, as copies that
are disguised: with other comments and another layout, with other names for variables and arguments, with functions and
methods in another order, and with all of these. At last, a third of a class types the same other textbook. Two minutes.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from grader.course import Course, Exercise, load_course
from grader.course.mistakes import misconceptions, with_misconception
from grader.reports.likeness import compare
from grader.reports.likeness.boilerplate import boilerplate

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = ROOT / "tests" / "kit" / "outside"
CLASS = 30
EVERY = 3
"""Of the wrong programs, every third is copied; many of them differ only a little."""


class Renamed(ast.NodeTransformer):
    """Changes every name that a program binds, except those in which the exercise or a library asks for it."""

    def __init__(self, tree: ast.AST, fixed: set[str]) -> None:
        self._fixed = fixed
        self._names: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._bind(node.id)
            elif isinstance(node, ast.arg):
                self._bind(node.arg)

    def _bind(self, name: str) -> None:
        if name not in self._fixed and not hasattr(builtins, name) and not keyword.iskeyword(name):
            self._names.setdefault(name, f"my_{len(self._names)}")

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self._names.get(node.arg, node.arg), None)


def with_names_changed(program: str, stub: str) -> str:
    """Rename variables and arguments."""
    tree = ast.parse(program)
    fixed = {node.arg for node in ast.walk(ast.parse(stub)) if isinstance(node, ast.arg)}
    fixed |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}
    return ast.unparse(Renamed(tree, fixed).visit(tree))


def with_order_changed(program: str, stub: str) -> str:
    """Put functions, classes and methods in the opposite order."""
    tree = ast.parse(program)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef):
            named = [child for child in node.body if isinstance(child, ast.FunctionDef | ast.ClassDef)]
            opposite = iter(reversed(named))
            node.body = [next(opposite) if child in named else child for child in node.body]
    return ast.unparse(tree)


def with_comments_changed(program: str, stub: str) -> str:
    """Drop all comments, write others, and lay the program out differently."""
    lines = ast.unparse(ast.parse(program)).split("\n")
    return "\n".join(f"{line}  # Step {number}." if line.endswith(")") else line for number, line in enumerate(lines))


def disguised(program: str, stub: str) -> str:
    """Do all of it."""
    return with_comments_changed(with_order_changed(with_names_changed(program, stub), stub), stub)


DISGUISES: Mapping[str, Callable[[str, str], str]] = {
    "none": lambda program, _: program,
    "comments": with_comments_changed,
    "names": with_names_changed,
    "order": with_order_changed,
    "all": disguised,
}


def right_programs(course: Course, exercise: str) -> dict[str, str]:
    """Return the correct answers in other styles, which were written independently of each other."""
    return {path.stem: _read(path) for path in sorted((course.styles / exercise).glob("*.py"))}


def with_known_mistakes(course: Course, exercise: str) -> dict[str, str]:
    """Return the solution with each of its known mistakes: what students write who follow the book and err."""
    return {
        f"book with {mistake.name}": with_misconception(course, exercise, mistake)
        for mistake in misconceptions(course, exercise)
    }


def wrong_programs(exercise: str) -> dict[str, str]:
    """Return the wrong programs by other authors. Those in one folder are alike, so a class contains only one."""
    return {f"{path.parts[-3]} {path.stem}": _read(path) for path in sorted(OUTSIDE.glob(f"*/{exercise}/*.py"))}


def without_styles(course: Course, exercise: Exercise) -> Iterator[str]:
    """List the course's own code except for the answers in other styles, which here are programs of students."""
    styles = set(right_programs(course, exercise.id).values())
    return (text for text in boilerplate(course, exercise) if text not in styles)


def listed(course: Course, exercise: str, programs: Mapping[str, str]) -> set[frozenset[str]]:
    """Return the pairs of programs that are listed."""
    sources = {name: {exercise: text.encode()} for name, text in programs.items()}
    likeness = compare(course, sources, material=without_styles)
    return {frozenset({pair.first, pair.second}) for pair in likeness.pairs}


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def copies_found(course: Course, exercise: str, disguise: str) -> tuple[int, int]:
    """Return how many disguised copies are listed, and how many there are."""
    stub = _read(course.stubs / f"{exercise}.py")
    change = DISGUISES[disguise]
    right = right_programs(course, exercise)
    class_ = dict([*(right | with_known_mistakes(course, exercise)).items()][: CLASS - 2])
    originals = right | dict([*wrong_programs(exercise).items()][::EVERY])
    copied_pairs = [
        frozenset({name, "copy"}) in listed(course, exercise, class_ | {name: text, "copy": change(text, stub)})
        for name, text in originals.items()
    ]
    return sum(copied_pairs), len(originals)


def main() -> int:
    """Measure, and print a table."""
    course = load_course(ROOT / "course.yaml")
    print(f"{'exercise':22} {'programs':>8} {'pairs':>6} {'listed':>6}   copies found: {', '.join(DISGUISES)}")
    all_pairs = all_listed = all_copies = readers = 0
    all_found = dict.fromkeys(DISGUISES, 0)
    for exercise in course.exercises:
        name, stub = exercise.id, _read(course.stubs / f"{exercise.id}.py")
        right, book = right_programs(course, name), with_known_mistakes(course, name)
        independent = right | book | dict([*wrong_programs(name).items()][:1])
        wrongly_listed = listed(course, name, independent)
        counts = {disguise: copies_found(course, name, disguise) for disguise in DISGUISES}
        copies = counts["none"][1]
        textbook = disguised(next(iter(right.values())), stub)
        typed = {f"reader {number}": textbook for number in range(CLASS // 3)}
        readers += len(listed(course, name, dict([*book.items()][: CLASS - len(typed)]) | typed))
        pairs = len(independent) * (len(independent) - 1) // 2
        shown = "  ".join(f"{found}/{copies}" for found, _ in counts.values())
        print(f"{name:22} {len(independent):8} {pairs:6} {len(wrongly_listed):6}   {shown}", flush=True)
        for pair in sorted(map(sorted, wrongly_listed)):
            print(f"    listed: {' and '.join(pair)}")
        all_pairs, all_listed, all_copies = all_pairs + pairs, all_listed + len(wrongly_listed), all_copies + copies
        all_found = {disguise: all_found[disguise] + counts[disguise][0] for disguise in DISGUISES}
    print(f"\nOf {all_pairs} pairs of programs that nobody copied, {all_listed} are listed.")
    for disguise, count in all_found.items():
        print(f"Of {all_copies} copies with the disguise `{disguise}`, {all_copies - count} are missed.")
    print(f"If a third of a class types the same other textbook, {readers} pairs are listed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
