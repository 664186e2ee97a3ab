"""The manifest of an archive: which files are in it, for which version of the course, and what the visible checks said.

The receipt is computed from the manifest. A manifest that arrives may be forged or broken, so reading one has limits,
and nothing in it ever counts for a grade.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal

import msgspec

from grader.course.version import CourseVersion, Name

MANIFEST_SCHEMA = 1
MANIFEST_PATH = PurePosixPath(".hand-in", "manifest.json")
"""Where the manifest is in an archive. Grading passes over folders whose names begin with a dot."""
MAX_MANIFEST = 2**18
"""The most bytes of a manifest that are read."""
MAX_FILES = 500
LETTERS = "ACDEFHJKMNPQRTWXY34679"
"""The characters of a receipt: none of them looks like another one of them, or like one that is left out."""
GROUPS, GROUP = 4, 4

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**50)]
CheckedStatus = Literal["passed", "failed", "not_started", "not_checked"]


class BadManifest(ValueError):
    """A manifest cannot be read; the text is the end of a sentence that begins with its name."""


class ManifestFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file in the archive: its path, its size in bytes, and the SHA-256 digest of its bytes."""

    path: Name
    size: Count
    sha256: Sha256


class CheckedExercise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the visible checks of an exercise said where the archive was made.

    `passed` of `checks` visible checks passed. The status is `not_checked` if they could not be run.
    """

    status: CheckedStatus
    passed: Count
    checks: Count


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in `manifest.json`.

    `assignment` is the id of the assignment, or empty if the exercises aren't those of one. `created` is the time in
    UTC, by the clock of the computer that made the archive. `grader` is the version of the grader. `exercises` has what
    the visible checks said, by exercise. `receipt` is computed from everything else.
    """

    schema: int
    course: CourseVersion
    assignment: Name
    created: Annotated[datetime, msgspec.Meta(tz=True)]
    grader: Name
    files: Annotated[list[ManifestFile], msgspec.Meta(max_length=MAX_FILES)]
    exercises: Annotated[dict[Name, CheckedExercise], msgspec.Meta(max_length=MAX_FILES)]
    receipt: Name = ""


def receipt_of(manifest: Manifest) -> str:
    """Return the receipt of a manifest: four groups of four characters; the field `receipt` doesn't count."""
    content = msgspec.json.encode(msgspec.structs.replace(manifest, receipt=""))
    number = int.from_bytes(hashlib.sha256(content).digest())
    characters = []
    for _ in range(GROUPS * GROUP):
        number, position = divmod(number, len(LETTERS))
        characters.append(LETTERS[position])
    code = "".join(characters)
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def with_receipt(manifest: Manifest) -> Manifest:
    """Return a manifest with its receipt."""
    return msgspec.structs.replace(manifest, receipt=receipt_of(manifest))


def encoded(manifest: Manifest) -> bytes:
    """Write a manifest as JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decoded(content: bytes) -> Manifest:
    """Read a manifest that somebody handed in.

    Raises:
        BadManifest: it is too large, isn't a manifest, or is one of another schema.
    """
    if len(content) > MAX_MANIFEST:
        raise BadManifest(f"is larger than {MAX_MANIFEST // 2**10} KiB")
    try:
        schema = msgspec.json.decode(content, type=_OnlySchema).schema
        if schema != MANIFEST_SCHEMA:
            raise BadManifest(f"has schema {schema}, and this grader reads schema {MANIFEST_SCHEMA}")
        return msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError):
        raise BadManifest("isn't a manifest that the grader wrote") from None


class _OnlySchema(msgspec.Struct, frozen=True):
    schema: Annotated[int, msgspec.Meta(ge=0, le=10**6)]


def file_entry(path: str, content: bytes) -> ManifestFile:
    """Describe a file for the manifest."""
    return ManifestFile(path, len(content), hashlib.sha256(content).hexdigest())


def schema_text() -> str:
    """Write the JSON Schema of `manifest.json`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Manifest)}
    return msgspec.json.format(msgspec.json.encode(schema), indent=1).decode() + "\n"
