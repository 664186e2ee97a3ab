"""Collecting a download, all steps in order: read it, find out whose it is, write folders, the roster and the times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.archives import is_zip
from grader.collect import blackboard, canvas, github, gradescope, moodle
from grader.collect.download import entries, is_folder, opened
from grader.collect.folders import Writer
from grader.collect.identity import Owner, Owners
from grader.collect.model import Contents, Source, Submitted
from grader.collect.people import People, read_people
from grader.collect.receipts import write_receipts
from grader.collect.records import Returns, read_records, write_records
from grader.collect.registers import HandIn, write_roster, write_times
from grader.collect.summary import Collected
from grader.course import Course
from grader.errors import CollectError
from grader.files import reason
from grader.handin import Receipt, receipts_of_files, version_of

AUTO = "auto"
DEEPEST_ROOT = 4
"""How many folders in folders are opened to find the files."""


@dataclass(frozen=True)
class Platform:
    """A learning platform: its name, and how its downloads are recognized and read."""

    title: str
    matches: Callable[[Path], int]
    read: Callable[[Source], Contents]
    looks: str


PLATFORMS = {
    "canvas": Platform("Canvas", canvas.matches, canvas.read, "files like `exampleann_4711_99_layer_norm.py`"),
    "moodle": Platform(
        "Moodle", moodle.matches, moodle.read, "folders like `Ann Example_1234567_assignsubmission_file`"
    ),
    "blackboard": Platform(
        "Blackboard",
        blackboard.matches,
        blackboard.read,
        "files like `Norms_aexample_attempt_2027-01-31-23-50-00_layer_norm.py`",
    ),
    "gradescope": Platform(
        "Gradescope", gradescope.matches, gradescope.read, f"folders like `submission_123` and `{gradescope.METADATA}`"
    ),
    "github": Platform("GitHub Classroom", github.matches, github.read, "clones like `norms-aexample`"),
}


@dataclass(frozen=True)
class CollectOptions:
    """How a download is collected.

    Attributes:
        platform: the platform, or `auto` to recognize it.
        people: lists of people from the platform.
        assignment: the course's assignment that was handed in; None finds out from the names of the files.
        timezone: the name of the time zone of times without one; None takes this computer's.
    """

    platform: str = AUTO
    people: Sequence[Path] = ()
    assignment: str | None = None
    timezone: str | None = None


def collect(download: Path, out: Path, course: Course, options: CollectOptions | None = None) -> Collected:
    """Make folders, a roster and hand-in times from a platform's download.

    Running it again with a newer download updates what it wrote. Files that someone edited, and cells of the roster and
    the times that someone wrote, stay as they are.

    Args:
        download: a zip file, or the unpacked folder.
        out: the folder for everything that is collected; created if it doesn't exist.
        course: the course.
        options: how it is collected.

    Raises:
        CollectError: the download or a list cannot be read, or the folder cannot be written.
    """
    options = options or CollectOptions()
    options = replace(options, platform=options.platform.strip().lower())
    zone = _zone(options.timezone)
    _check(download, out, course, options)
    records = read_records(out)
    listed = read_people(options.people, zone)
    with opened(download) as (folder, not_unpacked):
        if not_unpacked and not entries(folder):
            first = not_unpacked[0]
            raise CollectError(
                f"No file can be taken from {download}: {first.name}, for example, {first.why}. Unpack it yourself, "
                "and name that folder."
            )
        name, root = _root(folder, options.platform, download)
        platform = PLATFORMS[name]
        source = Source(root, _name(download, root, folder), zone, frozenset(course.by_id))
        contents = platform.read(source)
        if not contents.submitted:
            raise CollectError(f"{download} contains no submissions from {platform.title}.")
        version = version_of(course)
        received = [
            receipts_of_files({file.path: file.source for file in each.attempts[-1].files}, version)
            for each in contents.submitted
        ]
        assignment = options.assignment or _assignment(contents, course, received)
        lists = People(listed, contents.submitted)
        owners = Owners(records, lists, contents.submitted)
        owned = owners.all()
        receipts = {owner.folder: several for owner, several in zip(owned, received, strict=True)}
        gone = owners.no_longer_waiting(owned)
        waiting = owners.waiting(owned) if listed else []
        try:
            out.mkdir(parents=True, exist_ok=True)
            writer = Writer(out, assignment or contents.assignment)
            updates = [
                writer.write(owner.folder, records.folders[owner.folder], each.attempts)
                for owner, each in zip(owned, contents.submitted, strict=True)
            ]
            on_roster = write_roster(out, [*owned, *waiting], gone, records)
            hand_ins = [_hand_in(owner, each, lists) for owner, each in zip(owned, contents.submitted, strict=True)]
            time_remarks = write_times(out, assignment, _due(course), hand_ins, records)
            records.returns.pop(assignment, None)
            records.returns[assignment] = _returns(name, owned, contents.submitted, lists)
            write_records(out, records)
            has_receipts = write_receipts(out, receipts)
        except OSError as error:
            raise CollectError(
                f"{out} cannot be written ({reason(error)}). Choose another folder: --out FOLDER"
            ) from None
    return Collected(
        platform=platform.title,
        out=out,
        assignment=assignment,
        owners=tuple(owned),
        submitted=contents.submitted,
        updates=tuple(updates),
        hand_ins=tuple(hand_ins),
        waiting=tuple(waiting),
        unlisted=tuple(
            owner.folder
            for owner, each in zip(owned, contents.submitted, strict=True)
            if listed and not lists.of(each) and len(each.people) < 2
        ),
        same_names=tuple(owners.same_names),
        on_roster=on_roster,
        receipts=receipts,
        has_receipts=has_receipts,
        left_out=(*not_unpacked, *contents.left_out, *(item for update in updates for item in update.left_out)),
        remarks=(
            *([contents.list_of_people] if contents.list_of_people and not listed else []),
            *contents.remarks,
            *time_remarks,
            *_about_assignment(course, assignment, hand_ins),
        ),
    )


def _check(download: Path, out: Path, course: Course, options: CollectOptions) -> None:
    if options.platform not in (AUTO, *PLATFORMS):
        raise CollectError(
            f"There is no platform `{options.platform}`. Choose one of: {', '.join([*PLATFORMS, AUTO])}."
        )
    assignments = [assignment.id for assignment in course.assignments]
    if options.assignment is not None and options.assignment not in assignments:
        raise CollectError(f"There is no assignment `{options.assignment}`. Choose one of: {', '.join(assignments)}.")
    if download.is_dir() and download.resolve() in (out.resolve(), *out.resolve().parents):
        raise CollectError(f"{out} is in the download's folder. Choose another folder for the result: --out FOLDER")
    if out.exists() and not out.is_dir():
        raise CollectError(f"{out} is a file. Choose another folder for the result: --out FOLDER")


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CollectError(f"There is no time zone `{name}`. Write it as in: Europe/Berlin") from None


def _root(folder: Path, wanted: str, download: Path) -> tuple[str, Path]:
    """Find the platform, and the folder with its files: the download's, or the only folder in it, and so on.

    Raises:
        CollectError: nothing is named as the platform names it, or as any platform does.
    """
    names = list(PLATFORMS) if wanted == AUTO else [wanted]
    root = folder
    for _ in range(DEEPEST_ROOT):
        counts = {name: PLATFORMS[name].matches(root) for name in names}
        best = max(names, key=lambda name: counts[name])
        if counts[best]:
            return best, root
        inner = entries(root)
        if len(inner) != 1 or not is_folder(inner[0]):
            break
        root = inner[0]
    files = entries(root)
    if files and all(is_zip(entry) for entry in files):
        raise CollectError(f"{download} contains zip files. Collect each of them, with the same --out.")
    looks = "; ".join(f"{PLATFORMS[name].title} has {PLATFORMS[name].looks}" for name in names)
    if wanted != AUTO:
        raise CollectError(f"Nothing in {download} is named as {PLATFORMS[wanted].title} does it. {looks}.")
    raise CollectError(f"{download} doesn't look like a download from a platform that the grader knows. {looks}.")


def _name(download: Path, root: Path, folder: Path) -> str:
    """Return what the platform called the folder with the files."""
    return download.stem if root == folder and not download.is_dir() else root.resolve().name


def _assignment(contents: Contents, course: Course, received: Sequence[Sequence[Receipt]]) -> str:
    """Return the assignment that the files are for, by the names of modules and notebooks; empty if it isn't clear.

    Files in an archive that matches its manifest count, too.
    """
    stems = {file.path.stem for each in contents.submitted for file in each.attempts[-1].files}
    manifests = [
        receipt.manifest for several in received for receipt in several if receipt.manifest and not receipt.differences
    ]
    stems |= {PurePosixPath(entry.path).stem for manifest in manifests for entry in manifest.files}
    named = [each.id for each in course.assignments if stems & set(each.exercises)]
    return named[0] if len(named) == 1 else ""


def _due(course: Course) -> list[str]:
    return [assignment.id for assignment in course.assignments if assignment.due is not None]


def _about_assignment(course: Course, assignment: str, hand_ins: Sequence[HandIn]) -> list[str]:
    due = _due(course)
    if assignment or len(due) < 2 or not any(hand_in.handed_in for hand_in in hand_ins):
        return []
    return [f"The times count for every assignment with a due date ({', '.join(due)}). To name one: --assignment ID"]


def _returns(platform: str, owners: Sequence[Owner], submitted: Sequence[Submitted], lists: People) -> Returns:
    """Return by which names the platform finds whose feedback a file is; in Moodle, every member has a number."""
    prefixes = {}
    for owner, each in zip(owners, submitted, strict=True):
        prefixes[owner.folder] = [each.prefix] if each.prefix else []
        members = lists.of(each) if platform == "moodle" and len(owner.people) > 1 else []
        numbers = [
            (member.person.name, key.partition(":")[2])
            for member in members
            for key in sorted(member.keys)
            if key.startswith("moodle:")
        ]
        if numbers:
            prefixes[owner.folder] = [moodle.feedback_prefix(name, number) for name, number in numbers]
    return Returns(platform, prefixes)


def _hand_in(owner: Owner, submitted: Submitted, lists: People) -> HandIn:
    """Return the time of a submission: from the platform's lists if they have one, otherwise from the download."""
    last = submitted.attempts[-1]
    times = [listed.handed_in for listed in lists.of(submitted) if listed.handed_in is not None]
    handed_in = max(times, default=last.handed_in)
    return HandIn(owner.folder, handed_in, last.late, len(submitted.attempts) + submitted.attempts_elsewhere)
