"""Text as editors save it: a module or a notebook in whatever encoding, turned into UTF-8. Nothing is executed."""

from __future__ import annotations

import codecs
import io
import re
import tokenize

COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+", re.MULTILINE)
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
"""Byte order marks with Python's and people's names of the encoding; UTF-32 comes first, as it begins like UTF-16."""
MOSTLY = 0.4
"""A text in UTF-16 without a byte order mark has at least this share of zeros at its odd, or at its even, positions."""


def in_utf8(data: bytes) -> tuple[bytes, str]:
    """Return a text in UTF-8 without a byte order mark, and its encoding if Python couldn't have read it.

    What isn't text, and what Python reads as it is, is returned unchanged.
    """
    if data.startswith(codecs.BOM_UTF8):
        return data.removeprefix(codecs.BOM_UTF8), ""
    for mark, encoding, name in MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding, name)
    if data and b"\0" in data:
        for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if data[first::2].count(0) > MOSTLY * len(data) and data[1 - first :: 2].count(0) == 0:
                return _decoded(data, encoding, "UTF-16")
        return data, ""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        return _decoded(data, "cp1252", "Windows-1252")
    return data, ""


def _decoded(data: bytes, encoding: str, name: str) -> tuple[bytes, str]:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return data, ""
    # A line that names the old encoding would be wrong now.
    head, newline, rest = text.encode("utf-8", "replace").partition(b"\n")
    second, other_newline, rest = rest.partition(b"\n")
    lines = [COOKIE.sub(b"# coding: utf-8", line) for line in (head, second)]
    return b"".join([lines[0], newline, lines[1], other_newline, rest]), name
