"""The undocumented parts of pytest and Hypothesis that the grader uses exist, and only one file uses them."""

from __future__ import annotations

import ast
import importlib.metadata
import re
from pathlib import Path

import hypothesis
import pytest
from hypothesis.internal.conjecture.providers import HypothesisProvider

from grader.checks import pytest_internals

ROOT = Path(__file__).resolve().parents[2]
INTERNALS = Path(pytest_internals.__file__)


def private_names(path: Path) -> set[str]:
    """List the private modules, members and attributes of pytest and Hypothesis that a file uses."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute):
            names.add(f".{node.attr}")
    pattern = r"_pytest\.|_hypothesis|hypothesis\.(internal|core)"
    known = {name.rpartition(".")[2] for names in pytest_internals.USED.values() for name in names}
    return {name for name in names if re.match(pattern, name) or (name[0] == "." and name[1:] in known)}


def test_the_private_names_still_exist() -> None:
    """The installed pytest and Hypothesis have every private name that we use."""
    assert pytest_internals.missing_names() == []


def test_a_missing_name_is_reported_with_package_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing attribute, function or module is reported with its package and version."""
    monkeypatch.delattr(HypothesisProvider, "_local_constants")
    monkeypatch.delattr("_pytest.runner.runtestprotocol")
    used = {"pytest": [*pytest_internals.USED["pytest"], "_pytest.elsewhere.runs"]}
    used["hypothesis"] = list(pytest_internals.USED["hypothesis"])
    assert pytest_internals.missing_names(used) == [
        f"pytest {pytest.__version__} has no _pytest.runner.runtestprotocol",
        f"pytest {pytest.__version__} has no _pytest.elsewhere.runs",
        f"hypothesis {hypothesis.__version__} has no "
        "hypothesis.internal.conjecture.providers.HypothesisProvider._local_constants",
    ]
    assert importlib.metadata.version("pytest") == pytest.__version__


def test_private_names_are_used_in_one_file() -> None:
    """No other file of the grader imports private parts of pytest or Hypothesis, or uses the names listed there."""
    users = {path for path in (ROOT / "grader").rglob("*.py") if private_names(path)}
    assert users == {INTERNALS}


def test_every_private_name_in_use_is_listed() -> None:
    """`missing_names` checks every private name that the file imports or uses."""
    listed = {name for names in pytest_internals.USED.values() for name in names}
    imported = {name for name in private_names(INTERNALS) if not name.startswith(".")}
    tree = ast.parse(INTERNALS.read_text(encoding="utf-8"))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr[0] == "_"}
    assert imported
    assert attributes
    for name in imported:
        assert any(entry == name or entry.startswith(f"{name}.") for entry in listed), name
    for attribute in attributes:
        assert any(entry.split(".")[-1] == attribute for entry in listed), attribute
