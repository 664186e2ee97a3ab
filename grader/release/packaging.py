"""How students install a release: the grader in it or a requirement, and a `pyproject.toml` that pip can read."""

from __future__ import annotations

import importlib.metadata
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from grader import __version__
from grader.course import Course
from grader.errors import UsageError
from grader.extras import DISTRIBUTION

Engine = Literal["copy", "pip"]
PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of the grader."""
PROJECT_FILE = "pyproject.toml"
EXTRAS = ("pictures", "notebooks", "finetuning", "review", "sheets", "gpt2", "docs", "reports", "nbgrader")
"""The extras that learners may want, and those that `grader doctor` offers."""
ENGINE_FILES = (".py", ".j2", ".css", ".tmpl")
OTHER_ENGINE_FILES = ("py.typed", "conf.json")
DATA = ("py.typed", "**/*.j2", "**/*.css", "**/*.tmpl", "**/*.json")
PYTEST: Mapping[str, Any] = {
    "minversion": "8.2",
    "testpaths": ["tests/visible"],
    "addopts": "-p grader.study.start_plugin -p grader.checks.plugin -p grader.study.recorder "
    "-p grader.study.track_plugin -p no:cacheprovider -p no:anyio --import-mode=importlib",
    "pythonpath": ["."],
}
"""What `pytest` needs in a course that doesn't say so itself."""


@dataclass(frozen=True)
class Needs:
    """What the grader needs: a version of Python, packages, and more packages for each extra."""

    python: str
    packages: list[str]
    extras: dict[str, list[str]]


def engine_files() -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of each file of the grader."""
    for path in sorted(PACKAGE.rglob("*")):
        wanted = path.suffix in ENGINE_FILES or path.name in OTHER_ENGINE_FILES
        if wanted and path.is_file() and "__pycache__" not in path.parts:
            yield f"{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}", path.read_bytes()


def needs_of_the_grader() -> Needs:
    """Read what the grader needs, from the project that it runs from or from the installed package.

    Raises:
        UsageError: neither says so.
    """
    path = PACKAGE.parent / PROJECT_FILE
    project = _read(path).get("project", {})
    if project.get("name") == DISTRIBUTION:
        extras = project.get("optional-dependencies", {})
        return Needs(project["requires-python"], project["dependencies"], {name: extras[name] for name in EXTRAS})
    try:
        python = importlib.metadata.metadata(DISTRIBUTION)["Requires-Python"]
        lines = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        raise UsageError(f"It isn't known what the grader needs. Install it: pip install {DISTRIBUTION}") from None
    extras = {name: [] for name in EXTRAS}
    packages = []
    for line in lines:
        requirement, _, marker = (part.strip() for part in line.partition(";"))
        extra = re.fullmatch(r"""extra == ["']([\w-]+)["']""", marker)
        if not extra:
            packages.append(line)
        elif extra[1] in extras:
            extras[extra[1]].append(requirement)
    return Needs(python, packages, extras)


def requirement(extra: str = "") -> str:
    """Return the line that has pip install this version of the grader."""
    return f"{DISTRIBUTION}[{extra}]=={__version__}" if extra else f"{DISTRIBUTION}=={__version__}"


def project_file(course: Course, engine: Engine) -> str:
    """Write the `pyproject.toml` of a release, with which `pip install -e .` and `pytest` work in it."""
    needs = needs_of_the_grader()
    tables: dict[str, Mapping[str, Any]] = {
        "build-system": {"requires": ["setuptools>=68"], "build-backend": "setuptools.build_meta"}
    }
    if engine == "copy":
        tables["project"] = {
            "name": DISTRIBUTION,
            "description": course.title,
            "readme": "README.md",
            "requires-python": needs.python,
            "dynamic": ["version"],
            "dependencies": needs.packages,
        }
        tables["project.optional-dependencies"] = needs.extras
        tables["project.scripts"] = {"grader": "grader.__main__:main"}
        tables["tool.setuptools.packages.find"] = {"include": ["grader*"]}
        tables["tool.setuptools.package-data"] = {"grader": list(DATA)}
        # The version is written in the package; without that, setuptools would look for one in the folder's name.
        tables["tool.setuptools.dynamic.version"] = {"attr": "grader.__version__"}
    else:
        tables["project"] = {
            "name": f"{re.sub(r'[^a-z0-9]+', '-', course.id.lower()).strip('-')}-exercises",
            "description": course.title,
            "readme": "README.md",
            "requires-python": needs.python,
            "version": __version__,
            "dependencies": [requirement()],
        }
        tables["project.optional-dependencies"] = {name: [requirement(name)] for name in EXTRAS}
        tables["tool.setuptools"] = {"py-modules": []}
    own = _read(course.root / PROJECT_FILE).get("tool", {}).get("pytest", {}).get("ini_options", {})
    tables["tool.pytest.ini_options"] = {name: own.get(name, value) for name, value in PYTEST.items()}
    return "\n".join(_table(name, values) for name, values in tables.items())


def _table(name: str, values: Mapping[str, Any]) -> str:
    # Texts and lists of texts look the same in TOML and in JSON.
    rows = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *rows, ""])


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a `pyproject.toml`; nothing if there is none, or none that can be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
