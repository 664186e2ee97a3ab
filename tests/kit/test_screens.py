"""The screens that the pages quote are what the commands print today."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.kit.conftest import ROOT
from tests.kit.turns import in_turn

OPTIONS = ("-P", "-I", ".", "-p", "from docs import screens", "--markers={{{cog }}} {{{end}}}")
SLOW = "docs/capstone.md"
"""It trains a model, which takes minutes."""


def quoting() -> list[str]:
    """List the pages with generated screens, as paths from the project's folder."""
    pages = [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("exercises/*.md")]
    return sorted(page.relative_to(ROOT).as_posix() for page in pages if "{{{cog" in page.read_text(encoding="utf-8"))


def compare(*pages: str) -> tuple[int, str]:
    """Have cog compare pages with what the commands print; return its exit status and the differences."""
    command = [sys.executable, "-m", "cogapp", "--check", "--diff", *OPTIONS]
    done = subprocess.run([*command, *pages], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, f"Run: make screens\n{done.stdout}{done.stderr}"


PAGES = [page for page in quoting() if page != SLOW]


def test_the_most_read_pages_quote_screens() -> None:
    """README and the pages that follow from it show what people will see."""
    assert {"README.md", "docs/learning.md", "docs/diagnosis.md", "docs/class.md", "docs/results.md"} <= set(PAGES)


@pytest.mark.parametrize("page", in_turn(PAGES))
def test_the_screens_in_the_docs_are_fresh(page: str) -> None:
    """README, lessons and docs quote what `pytest`, `grader watch`, `progress` and `grade` really print."""
    status, differences = compare(page)
    assert status == 0, differences


@pytest.mark.slow
def test_the_capstones_screen_is_fresh() -> None:
    """The page about the capstone quotes a real run with the solutions.

    Another kind of processor may round differently and then write other stories: run `make screens` there.
    """
    status, differences = compare(SLOW)
    assert status == 0, differences
