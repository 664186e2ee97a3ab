"""What earlier runs wrote, so that a newer download updates only that, and never what someone changed by hand."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.errors import CollectError
from grader.files import reason, write_whole

RECORDS_FILE = ".collected.json"


class WrittenFile(msgspec.Struct):
    """A file that was written: the digest of its content, and the assignment it was collected for."""

    digest: str
    assignment: str = ""


class FolderRecord(msgspec.Struct):
    """A submission's folder.

    Attributes:
        keys: what platforms know the person or group by; a name is one of them.
        files: the files that were written, by path.
    """

    keys: list[str] = []
    files: dict[str, WrittenFile] = {}


class Returns(msgspec.Struct):
    """How feedback goes back to a platform.

    Attributes:
        platform: the platform.
        prefixes: how the names of files with feedback begin, by the submission's folder; several for a group.
    """

    platform: str
    prefixes: dict[str, list[str]] = {}


class Records(msgspec.Struct):
    """Everything that is kept between runs.

    Attributes:
        version: the version of this format.
        folders: the submissions' folders by name, also of people who haven't handed in anything.
        people: the lines of the roster that were written, by submission; cells in the order of the roster's columns.
        times: the times that were written, by submission and assignment.
        returns: how feedback goes back, by assignment; the last one is of the last download.
    """

    version: int = 1
    folders: dict[str, FolderRecord] = {}
    people: dict[str, list[list[str]]] = {}
    times: dict[str, str] = {}
    returns: dict[str, Returns] = {}


def read_records(folder: Path) -> Records:
    """Read what earlier runs wrote.

    Raises:
        CollectError: the file is damaged.
    """
    path = folder / RECORDS_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Records)
    except FileNotFoundError:
        return Records()
    except (OSError, msgspec.DecodeError) as error:
        raise CollectError(
            f"{path} cannot be read ({reason(error)}). It says what was collected before. Collect into a new folder, "
            "or delete it: then existing files are kept as if you had written them."
        ) from None


def write_records(folder: Path, records: Records) -> None:
    """Keep what was written for the next run.

    Raises:
        OSError: it cannot be written.
    """
    write_whole(folder / RECORDS_FILE, msgspec.json.format(msgspec.json.encode(records), indent=1) + b"\n")
