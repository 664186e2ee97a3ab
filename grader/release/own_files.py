"""The files that are written for a release: its README, what coding agents are asked to do, and what git ignores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course import Course, Exercise, by_default
from grader.release.packaging import Engine, needs_of_the_grader

TEMPLATES = Path(__file__).with_name("templates")
FILES = {
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".gitattributes": "gitattributes",
}
"""The files that are made from templates, each with the name of its template."""
AGENTS = "AGENTS.md"
"""What coding agents are asked to do; `agents` in the course file chooses the template."""
ALIASES = ("CLAUDE.md", "GEMINI.md", ".github/copilot-instructions.md")
"""Where agents look that don't read `AGENTS.md` by themselves."""
FIELDS = "\n  [docs/agents.md](docs/agents.md) describes the fields."


def own_files(
    course: Course, exercises: Sequence[Exercise], tracks: Sequence[str], with_capstone: bool, engine: Engine
) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of each file that is written for a release.

    Args:
        course: the whole course.
        exercises: the exercises in the release.
        tracks: the tracks that were chosen, if any were.
        with_capstone: whether the capstone is in it.
        engine: whether the grader is in it.
    """
    values = {
        "title": course.title,
        "python": needs_of_the_grader().python.removeprefix(">="),
        "first": exercises[0].id,
        "fields": FIELDS if (course.root / "docs" / "agents.md").is_file() else "",
        "exercises": "\n".join(_table(course, exercises, tracks)),
        "commands": "\n".join(_commands(course, exercises, tracks, with_capstone)),
        "pages": "\n".join(_pages(course, with_capstone)),
        "folders": "\n".join(_folders(course, exercises, with_capstone, engine)),
    }
    agents = {AGENTS: f"agents/{course.agents}.md"} | dict.fromkeys(ALIASES, "agents/alias.md")
    for name, template in (FILES | agents).items():
        text = (TEMPLATES / f"{template}.tmpl").read_text(encoding="utf-8")
        for key, value in values.items():
            text = text.replace(f"{{{{{key}}}}}", value)
        yield name, text.encode()


def _table(course: Course, exercises: Sequence[Exercise], tracks: Sequence[str]) -> Iterator[str]:
    # With chosen tracks, students begin on all of them.
    begin = frozenset() if tracks or not course.default_tracks else by_default(course)
    begin = frozenset() if begin.issuperset(exercise.id for exercise in exercises) else begin
    columns = ["", "exercise", "what it is about"]
    columns += ["the book"] if any(exercise.book for exercise in exercises) else []
    columns += ["time"] if any(exercise.minutes for exercise in exercises) else []
    if begin:
        yield "You begin with those marked ●; `grader track` shows how to get to the others."
        yield ""
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"
    for number, exercise in enumerate(exercises, 1):
        cells = {
            "": f"{'● ' if exercise.id in begin else ''}{number}",
            "exercise": f"[`{exercise.id}`](exercises/{exercise.id}.md)",
            "what it is about": exercise.title.replace("|", "\\|"),
            "the book": exercise.book,
            "time": f"{exercise.minutes} min" if exercise.minutes else "",
        }
        yield f"| {' | '.join(cells[column] for column in columns)} |"


def _commands(
    course: Course, exercises: Sequence[Exercise], tracks: Sequence[str], with_capstone: bool
) -> Iterator[str]:
    first = exercises[0].id
    rows = {
        f"pytest -k {first}": "runs the checks of one exercise; `grader check` does the same",
        f"grader watch {first}": "runs them each time you save",
        "grader progress": "shows where you are, and what is next",
        f"grader hint {first}": "gives you a hint, and another one each time you ask",
        f"grader lesson {first}": "shows the lesson in the terminal",
        "grader bugs": "plants a bug in a copy of code that you've passed, for you to find",
    }
    if any((course.pictures / f"{exercise.id}.py").is_file() for exercise in exercises):
        rows[f"grader show {first}"] = "draws what your code does next to what is expected"
    rows[f"grader reset {first}"] = "brings back the stub; what you wrote is kept in `progress/`"
    if len(tracks or course.tracks) > 1:
        rows["grader track"] = "shows the tracks, which are selections of exercises, and chooses yours"
    if with_capstone:
        rows["grader capstone"] = "puts your modules together; stand-ins fill in for what you haven't written yet"
    rows["grader ask CHECK"] = "asks your instructor about a check; the question goes along when you hand in"
    rows["grader hand-in"] = "packs what you hand in, and says what to expect when it's graded"
    rows["grader doctor"] = "tells you what is missing from your installation, and what to type"
    yield from (f"| `{command}` | {what} |" for command, what in rows.items())


def _pages(course: Course, with_capstone: bool) -> Iterator[str]:
    pages = {
        "primer": "what you need to know before the first lesson",
        "learning": "all commands, what to do when you're stuck, and what is saved where",
        "practice": "how to practice once your code passes",
        "names": "what happens if your code uses other names, or has a slip in one line",
        "capstone": "what `grader capstone` does, and what to expect of it",
        "after": "what you can do after the course",
        "agents": "what coding agents are asked to do, and what commands answer to programs",
    }
    for name, what in pages.items():
        if (course.root / "docs" / f"{name}.md").is_file() and (name != "capstone" or with_capstone):
            yield f"- [docs/{name}.md](docs/{name}.md): {what}."


def _folders(course: Course, exercises: Sequence[Exercise], with_capstone: bool, engine: Engine) -> Iterator[str]:
    has_pictures = any((course.pictures / f"{exercise.id}.py").is_file() for exercise in exercises)
    folders = {
        "exercises/": "stubs and lessons: what you work on",
        "tests/visible/": "the checks that you can run",
        "solutions/standins/": "stand-ins for modules that are missing or wrong" if course.standins.is_dir() else "",
        "pictures/": "the code that draws for `grader show`" if has_pictures else "",
        f"{course.capstone.module}/" if course.capstone else "": "the capstone" if with_capstone else "",
        "docs/": "pages for learners" if (course.root / "docs").is_dir() else "",
        "grader/": "the grader" if engine == "copy" else "",
        ".release/": "the stubs as they were, for `grader reset`",
        "course.yaml": "the list of exercises, with hints and limits",
    }
    yield from (f"{name:<22}{what}" for name, what in folders.items() if name and what)
