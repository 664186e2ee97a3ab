"""What goes into a release: an allow list of a course's files, and the files that are made for students."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from grader.course import COURSE_FILE, Course, Exercise, of_tracks, split
from grader.course.stub import make_stub
from grader.errors import CourseError, UsageError
from grader.handin.version import VERSION_FILE, ReleasedVersion, version_of, version_of_files
from grader.release.cases import released_cases, released_draws
from grader.release.course_file import released_course
from grader.release.modules import with_imports
from grader.release.own_files import own_files
from grader.release.packaging import PACKAGE, PROJECT_FILE, Engine, engine_files, project_file
from grader.release.pages import linked, released_page
from grader.study.stubs import SHIPPED_STUBS

LEARNER_PAGES = ("primer", "learning", "practice", "capstone", "after", "names", "agents")
"""The pages in `docs/` that are for learners."""
PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif")
DATA = (".txt", ".csv", ".json")
"""What lessons and checks may bring along besides pages, pictures and modules."""


@dataclass
class Contents:
    """The files of a release by their paths, and what they are about.

    Attributes:
        course: the whole course.
        exercises: the exercises in the release, in course order.
        added: those of them that are on none of the chosen tracks, but that others need.
        files: the content of each file, by its path with `/`.
        not_searched: the paths of files that need no search, because they belong to the installed grader.
    """

    course: Course
    exercises: tuple[Exercise, ...]
    added: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    not_searched: frozenset[str] = frozenset()


def contents(course: Course, tracks: Sequence[str], engine: Engine) -> Contents:
    """Collect what students get.

    Args:
        course: the course, with its solutions.
        tracks: the only tracks whose exercises they get, with the exercises that these need; all exercises by default.
        engine: whether the grader itself is in the release, or is installed by pip.

    Raises:
        UsageError: this copy has no solutions, or the course has no such track.
        CourseError: a solution is missing, or a file that students get imports one that they don't.
    """
    if not course.has_solutions:
        raise UsageError(
            "This copy of the course has no solutions, so it's a release already. Run this in the full course."
        )
    names = split(tracks)
    chosen = of_tracks(course, names) & course.by_id.keys() if names else frozenset(course.by_id)
    if not chosen:
        raise UsageError(f"No exercise of {', '.join(names)} is finished yet. Name another track.")
    needed = {need for name in chosen for need in course.all_needs(name)}
    exercises = tuple(exercise for exercise in course.exercises if exercise.id in chosen | needed)
    result = Contents(course, exercises, tuple(e.id for e in exercises if e.id not in chosen))
    ids = [exercise.id for exercise in exercises]
    capstone = course.capstone is not None and not chosen.isdisjoint(course.capstone.uses)
    files = result.files
    for name, text in _stubs(course, ids):
        files[f"{course.stubs.name}/{name}"] = files[f"{SHIPPED_STUBS}/{name}"] = text.encode()
    for path in _taken(course, ids, capstone):
        files[_name(course, path)] = path.read_bytes()
    for name, text in _rewritten(course, ids):
        files[name] = text.encode()
    text = released_course(course, ids, names, capstone)
    files[COURSE_FILE] = text.encode()
    files[PROJECT_FILE] = project_file(course, engine).encode()
    files.update(own_files(course, exercises, names, capstone, engine))
    if engine == "copy":
        package = dict(engine_files())
        files.update(package)
        if not PACKAGE.is_relative_to(course.root):
            result.not_searched = frozenset(package)
    _add_pages(course, ids, capstone, files)
    files[VERSION_FILE] = _version(course, files)
    return result


def _stubs(course: Course, exercises: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the file name and text of each stub, made from its solution, whatever is in `exercises/`."""
    for name in exercises:
        path = course.solutions / f"{name}.py"
        if not path.is_file():
            raise CourseError(
                f"There is no solutions/{name}.py to make the stub of `{name}` from. Write it, or make the exercise a "
                "draft: draft: true"
            )
        yield path.name, make_stub(path.read_text(encoding="utf-8"), f"solutions/{path.name}")


def _taken(course: Course, exercises: Sequence[str], with_capstone: bool) -> Iterator[Path]:
    """Yield the files that students get as they are, except pages and what these link to."""
    visible = course.check_folder("visible")
    modules = [
        folder / f"{prefix}{name}.py"
        for name in exercises
        for folder, prefix in ((visible, "test_"), (course.facts, ""), (course.pictures, ""))
    ]
    yield from with_imports(course, [path for path in modules if path.is_file()])
    for folder in (course.golden, course.questions):
        yield from (path for name in exercises if (path := folder / f"{name}.json").is_file())
    # What else checks read, they find next to them.
    made = (course.cases("visible"), course.golden, course.questions, course.facts)
    for path in sorted(visible.rglob("*")):
        beside = path.suffix in DATA and path.name != "draws.json" and not path.name.startswith(".")
        if beside and path.is_file() and not any(path.is_relative_to(folder) for folder in made):
            yield path
    uses = course.capstone.uses if course.capstone is not None and with_capstone else []
    others = {exercise for exercise in (*course.by_id, *course.drafts) if exercise not in (*exercises, *uses)}
    yield from (path for path in sorted(course.standins.glob("*.py")) if path.stem not in others)
    if course.capstone is not None and with_capstone:
        module = course.root / course.capstone.module
        package = [path for path in sorted(module.rglob("*")) if path.suffix in (".py", *DATA) and path.is_file()]
        yield from [path for path in package if "__pycache__" not in path.parts] or [module.with_suffix(".py")]
    yield from (path for path in (course.root / "LICENSE",) if path.is_file())


def _rewritten(course: Course, exercises: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the path and text of the files with recorded cases, without code, and with draws."""
    for name in exercises:
        path = course.cases("visible") / f"{name}.json"
        if path.is_file():
            yield _name(course, path), released_cases(path.read_text(encoding="utf-8"))
    draws = course.check_folder("visible") / "draws.json"
    if draws.is_file():
        yield _name(course, draws), released_draws(course, draws.read_text(encoding="utf-8"), exercises)


def _version(course: Course, files: Mapping[str, bytes]) -> bytes:
    """Return what a release says about versions, so that receipts of hand-ins fit the instructor's course."""
    visible, golden = (f"{_name(course, folder)}/" for folder in (course.check_folder("visible"), course.golden))
    checks = {
        name.removeprefix(visible): content
        for name, content in files.items()
        if (name.startswith(visible) and name.endswith(".py")) or (name.startswith(golden) and name.endswith(".json"))
    }
    released = version_of_files(course.id, files[COURSE_FILE], checks)
    return msgspec.json.encode(ReleasedVersion(released, version_of(course)))


def _add_pages(course: Course, exercises: Sequence[str], with_capstone: bool, files: dict[str, bytes]) -> None:
    """Add lessons and pages for learners, what they link to, and none of their links that would lead nowhere."""
    pages = [course.stubs / f"{name}.md" for name in exercises]
    pages += [course.root / "docs" / f"{name}.md" for name in LEARNER_PAGES if name != "capstone" or with_capstone]
    texts = {_name(course, page): page.read_text(encoding="utf-8") for page in pages if page.is_file()}
    for page, text in texts.items():
        for name in linked(page, text):
            path = course.root / name
            # What is next to stubs may be somebody's answer; what the docs show is for everybody.
            kinds = (*PICTURES, *DATA, ".py") if name.startswith("docs/") else (*PICTURES, *DATA)
            allowed = name.startswith((f"{course.stubs.name}/", "docs/")) and path.suffix in kinds
            # A notebook shows a drawing's twin.
            for file in [path, *([path.with_suffix(".png")] if path.suffix == ".svg" else [])]:
                if allowed and file.is_file():
                    files.setdefault(_name(course, file), file.read_bytes())
    # The README is made for the release, and links to pages that it may not have.
    texts["README.md"] = files["README.md"].decode()
    released = {*files, *texts}
    for page, text in texts.items():
        files[page] = released_page(page, text, released).encode()


def _name(course: Course, path: Path) -> str:
    return path.relative_to(course.root).as_posix()
