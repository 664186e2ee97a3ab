"""A student's way through a release of the real course: unpacked, installed in a new environment, and worked through.

Nothing of this project is on the path there, the home folder is empty, and at the end every file is searched for every
line of every secret, by a program that shares nothing with the search that `grader release` makes itself.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.kit.conftest import ROOT
from tests.kit.slow.people import Person, solution

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="looks for bin/python")]

SHORTEST = 25
BINARY = (".png",)


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Release the course as an archive, unpack it, and install it as its README says."""
    place = tmp_path_factory.mktemp("release")
    subprocess.run([sys.executable, "-m", "grader", "release", str(place / "students"), "--zip"], cwd=ROOT, check=True)
    with zipfile.ZipFile(place / "students.zip") as archive:
        archive.extractall(place)
    student = Person(place / "students", place / "home")
    student.install(".[pictures,notebooks]")
    return student


def test_a_student_works_through_a_release(student: Person) -> None:
    """Every command of a learner's works in a release: nothing in it needs the solutions or this project."""
    where = student.type("python", "-c", "import grader; print(grader.__file__)").strip()
    assert Path(where).is_relative_to(student.folder)
    assert "ok " in student.type("grader", "doctor")

    first = student.type("pytest")
    assert "adaline: not started" in first
    assert "Next: read exercises/adaline.md" in first

    stub = (student.folder / "exercises" / "adaline.py").read_text(encoding="utf-8")
    right = solution("adaline")
    assert right.count("2.0 *") == 2, "the solution has changed: choose another mistake"
    student.writes("adaline", right.replace("2.0 *", ""))
    failed = student.type("pytest", "-k", "adaline", status=1)
    assert "mistake   " in failed
    assert "FAILED" in failed
    assert "hidden ones run at grading" in failed
    assert (student.folder / "desk" / "last_failure.py").is_file()
    student.type("python", "desk/last_failure.py")
    assert student.type("grader", "hint", "adaline").strip()
    assert "not started" not in student.type("grader", "progress", "adaline")
    assert student.type("grader", "reset", "adaline").strip()
    assert (student.folder / "exercises" / "adaline.py").read_text(encoding="utf-8") == stub

    student.writes("layer_norm", solution("layer_norm"))
    passed = student.type("grader", "check", "layer_norm")
    assert "layer_norm: PASSED" in passed
    assert "9 hidden ones run at grading" in passed
    progress = student.type("grader", "progress")
    assert "passed" in progress
    assert "isn't in this copy" in student.type("grader", "solution", "layer_norm", status=2)
    assert "Layer normalization" in student.type("grader", "lesson", "layer_norm")
    assert "Token 0" in student.type("grader", "show", "layer_norm")
    student.type("grader", "show", "layer_norm", "--out", "build/pictures")
    assert "core" in student.type("grader", "track")
    student.type("grader", "notebooks", "my-notebooks", "layer_norm")
    assert "layer_norm            yours" in student.type("grader", "capstone", "--steps", "20")
    assert "Receipt: " in student.type("grader", "hand-in", "layer_norm")
    assert "no solutions" in student.type("grader", "release", "../again", status=2)


def test_a_mistake_with_a_value_is_named(student: Person) -> None:
    """A mistake whose value isn't in a student's copy still gets its name and its sentences there."""
    entries = yaml.safe_load((ROOT / "solutions/misconceptions/layer_norm.yaml").read_text(encoding="utf-8"))
    mistake = entries["keepdim_forgotten"]
    # With this value, the second line of the edit changes nothing.
    assert "centered.pow(2).mean(dim=-1, keepdim=True)" in mistake["values"]
    before, _, after = mistake["edit"].splitlines()[0].partition(" => ")
    right = solution("layer_norm")
    assert before in right
    student.writes("layer_norm", right.replace(before, after))
    failed = " ".join(student.type("grader", "check", "layer_norm", status=1).split())
    assert mistake["did"] in failed
    assert mistake["hint"] in failed
    student.type("grader", "reset", "layer_norm")


def test_no_line_of_a_secret_is_in_a_release(tmp_path: Path) -> None:
    """No released file has a line of a solution, a style, a page about approaches, a hidden check or an edit."""
    subprocess.run([sys.executable, "-m", "grader", "release", str(tmp_path), "--git"], cwd=ROOT, check=True)
    files = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    files = {path: content for path, content in files.items() if ".git" not in path.parts}
    assert len(files) > 500
    texts = {
        path.relative_to(tmp_path).as_posix(): content.decode("latin-1" if path.suffix in BINARY else "utf-8")
        for path, content in files.items()
    }
    # Backslashes hide quotation marks in JSON.
    everything = {name: text.replace('\\"', '"').replace("\\n", "\n") for name, text in texts.items()}
    words = {name: "\n".join(line.strip() for line in text.splitlines()) for name, text in everything.items()}
    everyones = "\n".join(text for name, text in words.items() if open_to_students(name))
    shared = yaml.safe_load((ROOT / "tests" / "shared_lines.yaml").read_text(encoding="utf-8"))
    allowed = {line.strip() for entry in shared for line in entry["lines"].splitlines()}
    secrets = {line for line in secret_lines() if line not in allowed and line not in everyones}
    assert len(secrets) > 4000
    others = "\n".join(text for name, text in words.items() if not open_to_students(name) and "/cases/" not in name)
    assert not secrets.intersection(others.splitlines())
    # Lines inside of others take long to find, so only some are looked for; `grader release` looks for all.
    assert not [line for line in secrets if len(line) >= 2 * SHORTEST and line in others]
    for name, text in words.items():
        if "/cases/" in name:
            assert not {line for line in edits() if line not in allowed and line in text}, name


def open_to_students(name: str) -> bool:
    """Say whether students may have whatever is in a file: stubs, lessons, visible checks, stand-ins."""
    return name.startswith(("exercises/", ".release/", "tests/visible/test_", "tests/visible/facts/")) or (
        "standins/" in name or (name.startswith("tests/visible/") and name.endswith(".py"))
    )


def secret_lines() -> Iterator[str]:
    """Yield the long lines of all secrets."""
    paths = [*ROOT.glob("solutions/*.py"), *ROOT.glob("solutions/styles/*/*.py"), *ROOT.glob("tests/hidden/*.py")]
    for path in [*paths, *ROOT.glob("solutions/approaches/*.md")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if is_long(line):
                yield line.strip()
    yield from edits()


def edits() -> Iterator[str]:
    """Yield the long lines of all edits, and the values in them."""
    for path in [*ROOT.glob("solutions/misconceptions/*.yaml"), *ROOT.glob("solutions/misconceptions/families/*.yaml")]:
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            for text in [entry.get("edit", ""), *map(str, entry.get("values", []))]:
                for line in text.splitlines():
                    yield from (part.strip(" +-") for part in line.split(" => ") if is_long(part.strip(" +-")))


def is_long(line: str) -> bool:
    """Say whether a line says enough to be a secret, and isn't an import."""
    line = line.strip()
    return len(line) >= SHORTEST and not line.startswith(("import ", "from ", "if __name__"))
