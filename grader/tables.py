"""Tables in text files, as spreadsheets and learning platforms write them: any separator, any common encoding."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.files import reason

SEPARATORS = (",", ";", "\t", "|")
MAX_BYTES = 2**26
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Characters that a spreadsheet takes for the start of a formula, including their full-width forms."""
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


class NotATable(ValueError):
    """A file cannot be read as a table; the text is the rest of a sentence that begins with its name."""


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        line: the line in the file that it ends in, counted from 1.
        cells: the cells by heading, without spaces around them; a missing cell is empty.
    """

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, heading: str) -> str:
        """Return the cell below a heading; empty if there is no such heading."""
        return self.cells.get(heading, "")


@dataclass(frozen=True)
class Table:
    """A table with headings.

    Attributes:
        headings: the headings as in the file, in order.
        rows: the rows that aren't empty. Their cells are found by `key` of the heading.
        separator: what separates the cells in the file.
    """

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    separator: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The headings as they find cells."""
        return tuple(key(heading) for heading in self.headings)


def key(heading: str) -> str:
    """Return a heading as it is compared: "SIS Login-ID" and "sis_login_id" are the same."""
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", heading).casefold()).strip("_")


def composed(text: str) -> str:
    """Return text with its letters composed: an `e` and the accent after it become one character.

    Most programs write letters like this, but file names from macOS don't, so names are compared in this form.
    """
    return unicodedata.normalize("NFC", text).strip()


def read_text(path: Path) -> str:
    """Read a text file in UTF-8 or UTF-16 with or without a byte order mark, or else in Windows-1252.

    Raises:
        NotATable: it cannot be read, or isn't text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotATable(f"cannot be read ({reason(error)})") from None
    if len(data) > MAX_BYTES:
        raise NotATable(f"is larger than {MAX_BYTES // 2**20} MiB")
    return decoded(data)


def decoded(data: bytes) -> str:
    """Decode text in UTF-8 or UTF-16 with or without a byte order mark, or else in Windows-1252.

    Raises:
        NotATable: it isn't text.
    """
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise NotATable("is a spreadsheet and not text; save it as CSV")
    encodings = [encoding for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)]
    if not encodings and b"\0" in data[:4]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    for encoding in encodings or ["utf-8", "cp1252"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise NotATable("isn't text in UTF-8; save it as CSV in UTF-8")


def read_table(path: Path) -> Table:
    """Read a table: commas, semicolons, tabs or bars separate its cells, and empty rows are skipped.

    Raises:
        NotATable: it cannot be read as a table.
    """
    return table_of(read_text(path))


def table_of(text: str) -> Table:
    """Read a table from text; see `read_table`."""
    separator, skipped = "", 0
    if line := _SEPARATOR_LINE.match(text):
        separator, text, skipped = line[1], text[line.end() :], 1
    start = len(text) - len(text.lstrip("\r\n"))
    separator = separator or _separator(text[start:].split("\n", 1)[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    headings: list[str] = []
    rows: list[Row] = []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if not headings:
                headings = stripped
                keys = [key(heading) for heading in headings]
                continue
            named = dict(zip(keys, stripped, strict=False))
            rows.append(Row(reader.line_num + skipped, {name: _without_mark(cell) for name, cell in named.items()}))
    except csv.Error as error:
        raise NotATable(
            f"is not a table: line {reader.line_num + skipped} has a problem ({error}). Save it as CSV"
        ) from None
    while headings and not headings[-1]:
        headings.pop()
    return Table(tuple(headings), tuple(rows), separator)


def table_text(rows: Iterable[Sequence[str]], separator: str = ",") -> str:
    """Write rows as CSV; a cell that a spreadsheet would read as a formula is marked as text."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: str) -> str:
    """Turn a cell that would be a formula into text, with an apostrophe before it as spreadsheets do."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell


def _without_mark(cell: str) -> str:
    """Undo `harmless`."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip(" ").startswith(FORMULA) else cell


def _separator(line: str) -> str:
    """Return what separates the headings: the separator that is most frequent outside of quotes."""
    outside = re.sub(r'"[^"]*"', "", line)
    return max(SEPARATORS, key=lambda separator: (outside.count(separator), -SEPARATORS.index(separator)))
