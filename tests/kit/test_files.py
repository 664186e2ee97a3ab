"""Atomic writes, digests, lists in sentences, and packages that aren't installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from grader.errors import MissingPackage
from grader.extras import is_installed, not_installed, require
from grader.files import digest, short_digest, write_whole
from grader.text import listed


def test_a_file_is_replaced_whole_or_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If writing fails halfway, the old content is still there and no other file; otherwise permissions are kept."""
    path = tmp_path / "kept.txt"
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_whole(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:2])
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, b"newest")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["kept.txt"]


def test_digests_tell_parts_apart() -> None:
    """Text and its bytes have the same digest, the boundaries of parts count, and recorded short digests stay valid."""
    assert digest("ab", "c") == digest(b"ab", b"c")
    assert len({digest("abc"), digest("ab", "c"), digest("a", "bc"), digest("abc", "")}) == 4
    assert short_digest("abc") == "ba7816bf8f01cfea"


def test_long_lists_name_the_first_and_count_the_rest() -> None:
    """Names beyond the limit are counted."""
    assert listed(["ann", "bob", "zoe"], 3) == "ann, bob, zoe"
    assert listed(["ann", "bob", "zoe", "max"], 2) == "ann, bob and 2 more"


def test_a_missing_package_is_named_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every extra has the same form of message; installed packages give no error."""
    require("This needs", "reports", "json", "pytest")
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert not is_installed("jinja2")
    with pytest.raises(MissingPackage) as raised:
        require("This needs", "reports", "json", "jinja2")
    assert str(raised.value) == 'This needs jinja2, which is not installed. Run: pip install -e ".[reports]"'
    assert not_installed("This needs", "torch").endswith("Run: pip install -e .")
