"""Gradescope: *Export Submissions* gives a folder `submission_123456` for each, and `submission_metadata.yml`.

That file lists the people who handed in each of them, when, and the attempts before, whose files aren't in the export.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from grader.archives import LeftOut
from grader.collect.download import entries, files_below, is_folder
from grader.collect.model import Attempt, Contents, Source, Submitted, in_zone
from grader.errors import CollectError
from grader.reports import Person
from grader.tables import NotATable, read_text

METADATA = "submission_metadata.yml"
FOLDER = re.compile(r"submission_\d+")
NO_METADATA = (
    f"{METADATA} is missing, so nobody's name and no times are known. Export the submissions again, with that file."
)


_Safe: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Loader(_Safe):  # type: ignore[misc]
    """Reads Ruby's YAML: plain data, in which Ruby's tags for its own classes are ignored."""


def _untagged(loader: Any, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_Loader.add_multi_constructor("!", _untagged)
_Loader.add_multi_constructor("tag:ruby", _untagged)


def matches(root: Path) -> int:
    """Count the folders that are named as Gradescope names them, and the file about them."""
    return sum(entry.name == METADATA or FOLDER.fullmatch(entry.name) is not None for entry in entries(root))


def read(source: Source) -> Contents:
    """Read an unpacked download.

    Raises:
        CollectError: the file about the submissions cannot be read.
    """
    metadata = _metadata(source.root / METADATA)
    left_out: list[LeftOut] = []
    submitted = []
    folders = [entry for entry in entries(source.root) if entry.name != METADATA]
    for entry in folders:
        if not is_folder(entry) or (metadata is not None and entry.name not in metadata):
            left_out.append(LeftOut(entry.name, f"isn't listed in {METADATA}" if metadata else "isn't a folder"))
            continue
        files, problems = files_below(entry, source.root)
        left_out += problems
        about = (metadata or {}).get(entry.name)
        about = about if isinstance(about, dict) else {}
        people = tuple(_person(each) for each in _list(_get(about, "submitters")) if isinstance(each, dict))
        attempt = Attempt("1", tuple(files), _time(_get(about, "created_at"), source.zone))
        history = _list(_get(about, "history"))
        submitted.append(
            Submitted(entry.name, (f"gradescope:{entry.name}",), people, (attempt,), len(history), knows_people=True)
        )
    names = {folder.name for folder in folders}
    left_out += [
        LeftOut(name, f"is listed in {METADATA}, but isn't there") for name in metadata or {} if name not in names
    ]
    return Contents(tuple(submitted), tuple(left_out), () if metadata is not None else (NO_METADATA,))


def _metadata(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    try:
        data = yaml.load(read_text(path), _Loader)
    except (NotATable, yaml.YAMLError, RecursionError, ValueError, TypeError) as problem:
        first = str(problem).split("\n", 1)[0]
        raise CollectError(
            f"{METADATA} in the download cannot be read: {first}. Export the submissions again."
        ) from None
    if not isinstance(data, dict):
        raise CollectError(f"{METADATA} in the download lists no submissions. Export the submissions again.")
    return {str(name): about for name, about in data.items()}


def _get(about: Mapping[Any, Any], name: str) -> Any:
    """Return a value; Ruby's symbols are written with a colon before them."""
    return about.get(f":{name}", about.get(name))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _person(about: Mapping[Any, Any]) -> Person:
    name, email, number = (str(_get(about, field) or "").strip() for field in ("name", "email", "sid"))
    return Person("", name=name or email, email=email, id_number=number)


def _time(value: Any, zone: ZoneInfo | None) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return in_zone(value, zone)
