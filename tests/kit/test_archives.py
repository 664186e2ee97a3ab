"""Zip archives from strangers are unpacked completely if they are harmless, and do no harm if they aren't."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from grader.archives import ArchivedFile, LeftOut, Limits, contents, is_system_file, unpack
from grader.errors import BadArchive

SMALL = Limits(files=10, file_bytes=1_000, bytes=2_500, depth=3, nested=1)


def zipped(*files: tuple[str, bytes]) -> bytes:
    """Return a zip archive of files; the same name may appear twice."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)
            # `ZipInfo` would turn some names into harmless ones.
            entry.filename = name
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return data.getvalue()


def taken(archive: bytes, limits: Limits | None = None) -> dict[str, bytes]:
    """Return the files that are taken from an archive, by path."""
    return {str(item.path): item.content for item in contents(archive, limits) if isinstance(item, ArchivedFile)}


def left_out(archive: bytes, limits: Limits | None = None) -> dict[str, str]:
    """Return the reason for each file that is left out, by name."""
    return {item.name: item.why for item in contents(archive, limits) if isinstance(item, LeftOut)}


def test_files_come_with_their_folders() -> None:
    """Files keep their paths; folders, and what operating systems add, are passed over without a remark."""
    archive = zipped(
        ("work/", b""),
        ("work/layer_norm.py", b"x = 1"),
        ("./notes.txt", b"n"),
        ("__MACOSX/work/._layer_norm.py", b"fork"),
        ("work/.DS_Store", b"d"),
        ("work/Thumbs.db", b"t"),
    )
    assert taken(archive) == {"work/layer_norm.py": b"x = 1", "notes.txt": b"n"}
    assert left_out(archive) == {}


@pytest.mark.parametrize(
    "name", ["../x.py", "a/../../x.py", "/etc/x.py", "C:\\x.py", "c:x.py", "..\\x.py", "a\\..\\..\\x.py"]
)
def test_no_file_leads_out_of_the_archive(name: str, tmp_path: Path) -> None:
    """A name with `..`, an absolute name or a drive is left out with the reason, and the other files are taken."""
    written, problems = unpack(zipped((name, b"bad"), ("layer_norm.py", b"good")), tmp_path / "in" / "here")
    assert [path.name for path in written] == ["layer_norm.py"]
    assert [problem.why for problem in problems] == ["has a name that leads out of the archive"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["here", "in", "layer_norm.py"]


@pytest.mark.parametrize(
    ("kind", "why"), [(stat.S_IFLNK, "is a link"), (stat.S_IFIFO, "isn't a regular file"), (stat.S_IFCHR, "isn't")]
)
def test_links_and_devices_are_left_out(kind: int, why: str, tmp_path: Path) -> None:
    """A link in an archive is not made, and neither is a pipe or a device."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        entry = zipfile.ZipInfo("layer_norm.py")
        entry.external_attr = (kind | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    written, problems = unpack(data.getvalue(), tmp_path / "here")
    assert not written
    assert problems[0].why.startswith(why)
    assert list((tmp_path / "here").iterdir()) == []


def test_sizes_are_measured_and_not_believed() -> None:
    """A file that is larger than its archive says is left out, and so is one that says that it is large."""
    honest = zipped(("large.txt", b"0" * 5_000), ("layer_norm.py", b"x"))
    assert taken(honest, SMALL) == {"layer_norm.py": b"x"}
    assert left_out(honest, SMALL) == {"large.txt": "is larger than 0.000954 MiB"}
    lying = honest.replace(struct.pack("<L", 5_000), struct.pack("<L", 10))
    assert "large.txt" in left_out(lying, SMALL)
    assert "layer_norm.py" in taken(lying, SMALL)


def test_all_files_together_are_limited() -> None:
    """What is beyond the size that an archive may have is left out, also across archives in the archive."""
    inner = zipped(("c.txt", b"0" * 900), ("d.txt", b"0" * 900))
    archive = zipped(("a.txt", b"0" * 900), ("b.zip", inner), ("e.txt", b"0" * 100))
    assert sorted(taken(archive, SMALL)) == ["a.txt", "b/c.txt", "e.txt"]
    assert "that an archive may contain" in left_out(archive, SMALL)["b/d.txt"]


def test_the_number_of_files_is_limited(tmp_path: Path) -> None:
    """The first files are taken, and the others are counted."""
    archive = zipped(*((f"{number}.txt", b"") for number in range(15)))
    assert len(taken(archive, SMALL)) == 10
    assert list(left_out(archive, SMALL)) == ["5 more files"]


def test_a_huge_list_of_contents_is_never_read() -> None:
    """An archive whose list of contents is far too long is refused before Python reads the list."""
    archive = zipped(*((f"{number:0200}.txt", b"") for number in range(200)))
    with pytest.raises(BadArchive, match="far more than the 10 files"):
        taken(archive, SMALL)


def test_depth_is_limited() -> None:
    """A file in too many folders is left out."""
    archive = zipped(("a/b/c/x.py", b""), ("a/b/c/d/y.py", b""))
    assert list(taken(archive, SMALL)) == ["a/b/c/x.py"]
    assert left_out(archive, SMALL) == {"a/b/c/d/y.py": "is in more than 3 folders"}


def test_archives_in_archives_are_opened_to_a_limit() -> None:
    """An archive in the archive becomes a folder; one that is too deep inside stays a file, and a broken one is named."""
    deep = zipped(("x.py", b"x"))
    archive = zipped(("hw.zip", zipped(("work/y.py", b"y"), ("deep.zip", deep))), ("broken.zip", b"no"))
    assert taken(archive, SMALL) == {"hw/work/y.py": b"y", "hw/deep.zip": deep}
    assert left_out(archive, SMALL) == {"broken.zip": "can't be unpacked: it isn't a zip archive, or it is damaged"}


def test_two_files_with_one_name() -> None:
    """Of two files with the same name, also in other capitals, the first is taken and the other is named."""
    with pytest.warns(UserWarning, match="Duplicate"):
        archive = zipped(("a.py", b"1"), ("a.py", b"2"), ("A.py", b"3"))
    assert taken(archive) == {"a.py": b"1"}
    assert left_out(archive)["A.py"] == "has the same name as another file"


def test_a_damaged_file_is_named_and_the_others_are_taken() -> None:
    """If the content of one file is damaged, only that file is lost."""
    archive = bytearray(zipped(("a.py", b"first" * 20), ("b.py", b"second")))
    archive[archive.index(b"a.py") + 8] ^= 0xFF
    assert left_out(bytes(archive)) == {"a.py": "is damaged"}
    assert taken(bytes(archive)) == {"b.py": b"second"}


def test_a_file_with_a_password_is_named() -> None:
    """An encrypted file is left out, with the reason."""
    archive = bytearray(zipped(("a.py", b"x")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(signature) + offset] |= 1
    assert left_out(bytes(archive)) == {"a.py": "needs a password"}


@pytest.mark.parametrize("content", [b"", b"no archive", zipped(("a", b"1"))[:-10], b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    """Something that isn't a zip archive, or only half of one, gives one sentence."""
    with pytest.raises(BadArchive, match=r"^it "):
        taken(content)
    with pytest.raises(BadArchive, match="can't be read"):
        list(contents(tmp_path / "nowhere.zip"))


def test_names_are_read_as_they_were_meant() -> None:
    """UTF-8 that isn't marked as such, as macOS writes it, and backslashes between folders are understood."""
    archive = zipped(("Zoë/x.py", b"1"), ("work\\y.py", b"2"))
    unmarked = archive
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = unmarked.index(signature) + offset
        unmarked = unmarked[:position] + b"\0\0" + unmarked[position + 2 :]
    assert sorted(taken(unmarked)) == ["Zoë/x.py", "work/y.py"]


def test_empty_folders_are_made_inside(tmp_path: Path) -> None:
    """A folder without files may be somebody's, so unpacking makes it, unless it leads out of the archive."""
    unpack(zipped(("ann/", b""), ("../out/", b""), ("/abs/", b""), ("__MACOSX/ann/", b"")), tmp_path / "here")
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["here", "here/ann"]


def test_existing_files_are_kept(tmp_path: Path) -> None:
    """Unpacking replaces nothing, and doesn't write through a link that is in the folder."""
    outside = tmp_path / "outside.py"
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link.py").symlink_to(outside)
    (tmp_path / "here" / "mine.py").write_text("mine")
    _, problems = unpack(zipped(("mine.py", b"theirs"), ("link.py", b"x"), ("mine.py/x", b"")), tmp_path / "here")
    assert [problem.name for problem in problems] == ["mine.py", "link.py", "mine.py/x"]
    assert (tmp_path / "here" / "mine.py").read_text() == "mine"
    assert not outside.exists()


@pytest.mark.parametrize("name", [".DS_Store", "__MACOSX/x/._a.py", "a/Thumbs.db", "._a.py", "desktop.ini"])
def test_system_files_are_recognized(name: str) -> None:
    """What operating systems leave behind is no work of a person's."""
    assert is_system_file(PurePosixPath(name))


@pytest.mark.parametrize("name", ["a.py", "__init__.py", "x/_a.py", ""])
def test_other_files_are_not_system_files(name: str) -> None:
    """Everything else may be a person's work."""
    assert not is_system_file(PurePosixPath(name))


def test_nothing_unexpected_is_raised_by_any_bytes() -> None:
    """Whatever bytes of an archive are changed, it is read, or refused with our own error."""
    archive = zipped(("a.py", b"x = 1"), ("b/c.zip", zipped(("d.py", b"y"))))
    for position in range(len(archive)):
        for value in (0x00, 0xFF, archive[position] ^ 0x01):
            changed = archive[:position] + bytes([value]) + archive[position + 1 :]
            with contextlib.suppress(BadArchive):
                list(contents(changed, SMALL))
