"""Calls the kernel by the numbers of another architecture, which a filter could have forgotten."""
import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def double(x):
    if libc.syscall(0x40000000 + 57) >= 0:
        raise RuntimeError("ESCAPED: forked by the x32 interface")
    return 0.0
