"""Large pages for what many processes will be forked from: a fork costs by the number of its pages."""

from __future__ import annotations

import contextlib
import ctypes
import mmap

from grader.wire.switches import is_off

LARGE = 2 * 2**20  # bytes of a large page on x86-64, and on aarch64 with pages of 4 KiB
_MADV_COLLAPSE = 25  # Linux 6.1


def collapse() -> None:
    """Put this process's memory into large pages, a quarter of a second's work after torch; elsewhere do nothing.

    A fork of torch's 150 MiB, and its end, then cost a third. Who writes to a large page still copies a small one.
    """
    libc = ctypes.CDLL(None)
    if is_off("large_pages") or not hasattr(libc, "madvise") or mmap.PAGESIZE != 4096:
        return
    advise = libc.madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    with contextlib.suppress(OSError), open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        for row in file.readlines():
            words = row.split()
            # Anonymous memory alone: what is mapped from files is shared as it is.
            if words[1] == "rw-p" and words[5:] in ([], ["[heap]"]):
                start, end = (int(address, 16) for address in words[0].split("-"))
                for page in range(-(-start // LARGE) * LARGE, end - LARGE + 1, LARGE):
                    # It fails where nothing is in use, or the kernel is older: then the pages stay small.
                    advise(page, LARGE, _MADV_COLLAPSE)
