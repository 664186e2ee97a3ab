"""Large memory pages for a process that is forked many times, because the cost of a fork grows with its pages."""

from __future__ import annotations

import contextlib
import ctypes
import mmap

from grader.wire.switches import is_off

LARGE = 2 * 2**20  # bytes of a large page on x86-64, and on aarch64 with pages of 4 KiB
_MADV_COLLAPSE = 25  # Linux 6.1


def collapse() -> None:
    """Put this process's memory into large pages; do nothing if the system can't.

    That takes a quarter of a second after torch was imported. Afterward, a fork of torch's 150 MiB and its end cost a
    third as much. A write to a large page still copies only a small one.
    """
    libc = ctypes.CDLL(None)
    if is_off("large_pages") or not hasattr(libc, "madvise") or mmap.PAGESIZE != 4096:
        return
    advise = libc.madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    with contextlib.suppress(OSError), open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        for row in file.readlines():
            words = row.split()
            # Only anonymous memory, because processes share memory that is mapped from files anyway.
            if words[1] == "rw-p" and words[5:] in ([], ["[heap]"]):
                start, end = (int(address, 16) for address in words[0].split("-"))
                for page in range(-(-start // LARGE) * LARGE, end - LARGE + 1, LARGE):
                    # This fails for unused memory and on older kernels; the pages then stay small.
                    advise(page, LARGE, _MADV_COLLAPSE)
