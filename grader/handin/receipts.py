"""Confirms receipts: recomputes everything that a manifest says about the files that came with it.

A receipt is a checksum and not a signature. It shows that files are still those that the receipt was given for; it
doesn't show who made them, or when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.course import Course
from grader.errors import UsageError
from grader.grading.handed_in import MODULE, NOTEBOOK, is_archive
from grader.handin.delivery import Parcel, parcels_among, parcels_of
from grader.handin.manifest import (
    MAX_MANIFEST,
    BadManifest,
    Manifest,
    decoded,
    file_entry,
    receipt_of,
)
from grader.handin.version import CourseVersion, about_version, version_of
from grader.tables import table_text
from grader.text import listed, printable

RECEIPTS_FILE = "receipts.csv"
COLUMNS = ("submission", "archive", "assignment", "receipt", "files", "status", "details", "created")
MAX_RECEIPTS = 20
"""How many manifests of one submission are looked at."""
MAX_NAMED = 8
NOT_A_SIGNATURE = (
    "A receipt is a checksum and not a signature: it shows whether files changed since, and not who made them."
)


@dataclass(frozen=True)
class Receipt:
    """A receipt, and whether the files that came with its manifest match it.

    Attributes:
        archive: the archive that the manifest is in; empty for a manifest among loose files.
        code: the receipt, recomputed; empty if the manifest can't be read.
        manifest: the manifest; None if it can't be read.
        differences: a sentence about each thing that differs.
        remarks: sentences about the course's version, which say nothing against the files.
    """

    archive: str
    code: str
    manifest: Manifest | None
    differences: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """Say in a word whether everything matches."""
        if self.manifest is None:
            return "unreadable"
        return "differs" if self.differences else "matches"

    def lines(self) -> Iterator[str]:
        """Yield what there is to say about it."""
        if self.manifest is not None:
            of = f" for {printable(self.manifest.assignment, 80)}" if self.manifest.assignment else ""
            count = len(self.manifest.files)
            yield f"Receipt: {self.code}"
            yield f"Made{of} on {self.manifest.created:%Y-%m-%d at %H:%M %Z}, with {count} file{'s' * (count != 1)}."
        if self.differences:
            yield "What differs:"
            yield from (f"  {sentence}" for sentence in self.differences)
        else:
            yield "Everything matches: the files have the digests in the manifest."
        yield from self.remarks


@dataclass(frozen=True)
class Verified:
    """The receipts in an archive or a folder."""

    receipts: tuple[Receipt, ...]

    @property
    def matches(self) -> bool:
        """Say whether all of them match their files."""
        return all(receipt.status == "matches" for receipt in self.receipts)

    def lines(self) -> Iterator[str]:
        """Yield what there is to say about them."""
        for receipt in self.receipts:
            if len(self.receipts) > 1:
                yield f"{printable(receipt.archive) or 'Loose files'}:"
            yield from receipt.lines()
        yield NOT_A_SIGNATURE


def verify(course: Course, path: Path) -> Verified:
    """Recompute the receipt of an archive, or of the folder into which one was unpacked.

    Args:
        course: the course, to compare its version.
        path: the archive or folder.

    Raises:
        UsageError: there is no such file, it can't be opened, or it has no manifest.
    """
    if not (path.is_dir() or is_archive(path)):
        what = "is neither a zip archive nor a folder" if path.exists() else "doesn't exist"
        raise UsageError(f"{path} {what}. Name the archive that grader hand-in wrote.")
    broken: list[str] = []
    receipts = _receipts(_noting_problems(parcels_of(path), broken), version_of(course))
    if receipts:
        return Verified(tuple(receipts))
    if broken:
        raise UsageError(f"{path} can't be opened: {broken[0]}. Ask for it again, or make it again: grader hand-in")
    raise UsageError(
        f"{path} has no manifest, so it has no receipt. Only archives that grader hand-in wrote have one; their files "
        "can be graded either way."
    )


def receipts_of_submission(path: Path, version: CourseVersion) -> list[Receipt]:
    """Confirm the receipts of a submission, which may be anything; most submissions have at most one.

    Args:
        path: the submission's folder or archive.
        version: the version of the course here.
    """
    return _receipts(parcels_of(path), version)


def receipts_of_files(files: Mapping[PurePosixPath, Path], version: CourseVersion) -> list[Receipt]:
    """Confirm the receipts among files that belong to one submission, by their paths in it."""
    return _receipts(parcels_among(files), version)


def row_of(submission: str, receipt: Receipt) -> list[str]:
    """Return a receipt's row in the table of receipts."""
    manifest = receipt.manifest
    return [
        submission,
        printable(receipt.archive),
        printable(manifest.assignment) if manifest is not None else "",
        receipt.code,
        str(len(manifest.files)) if manifest is not None else "",
        receipt.status,
        " ".join([*receipt.differences, *receipt.remarks]),
        manifest.created.isoformat(timespec="seconds") if manifest is not None else "",
    ]


def table_of_receipts(rows: Sequence[Sequence[str]]) -> bytes:
    """Write the table of receipts; the byte order mark tells spreadsheets that it is in UTF-8."""
    return ("\ufeff" + table_text([COLUMNS, *rows])).encode()


def _noting_problems(parcels: Iterable[Parcel], problems: list[str]) -> Iterator[Parcel]:
    for parcel in parcels:
        problems += [parcel.problem] if parcel.problem else []
        yield parcel


def _receipts(parcels: Iterable[Parcel], ours: CourseVersion) -> list[Receipt]:
    receipts: list[Receipt] = []
    for parcel in parcels:
        for path in parcel.manifests():
            if len(receipts) == MAX_RECEIPTS:
                return receipts
            receipts.append(_receipt(parcel, path, ours))
    return receipts


def _receipt(parcel: Parcel, path: PurePosixPath, ours: CourseVersion) -> Receipt:
    content = parcel.content(path, MAX_MANIFEST)
    if content is None:
        return Receipt(
            parcel.name, "", None, (f"The manifest is larger than {MAX_MANIFEST // 2**10} KiB, or no file.",)
        )
    try:
        manifest = decoded(content)
    except BadManifest as problem:
        return Receipt(parcel.name, "", None, (f"The manifest {problem}.",))
    code = receipt_of(manifest)
    differences = list(_differences(parcel, path.parent.parent, manifest))
    if manifest.receipt != code:
        stated = printable(manifest.receipt, 40) or "none"
        differences.append(f"The manifest was changed: its receipt was {stated}, and its content gives {code}.")
    about = about_version(manifest.course, ours)
    return Receipt(parcel.name, code, manifest, tuple(differences), (printable(about, 300),) if about else ())


def _differences(parcel: Parcel, folder: PurePosixPath, manifest: Manifest) -> Iterator[str]:
    """Compare files with a manifest that lists them from a folder."""
    changed, missing = [], []
    for entry in manifest.files:
        content = parcel.content(folder / entry.path)
        if content is None:
            missing.append(printable(entry.path, 80))
        elif file_entry(entry.path, content) != entry:
            changed.append(printable(entry.path, 80))
    if changed:
        yield f"Changed since the receipt: {listed(changed, MAX_NAMED)}."
    if missing:
        yield f"In the manifest, but not here: {listed(missing, MAX_NAMED)}."
    known = {folder / entry.path for entry in manifest.files}
    more = [
        printable(str(path), 80)
        for path in sorted(parcel.files)
        if path.parent == folder and path.suffix in (MODULE, NOTEBOOK) and path not in known
    ]
    if more:
        yield f"Here, but not in the manifest: {listed(more, MAX_NAMED)}."
