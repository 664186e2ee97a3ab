"""Changes its user, makes itself capable, makes devices, and asks the kernel for keys and programs."""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
told = []
for name, call in {
    "setuid": lambda: libc.setuid(0),
    "setresuid": lambda: libc.setresuid(0, 0, 0),
    "setgroups": lambda: libc.setgroups(0, None),
    "mknod": lambda: libc.mknod(b"/tmp/disk", 0o60666, 0x800),
    "keyctl": lambda: min(libc.syscall(250, 0, -3, 1), 0),
    "bpf": lambda: min(libc.syscall(321, 0, b"\0" * 72, 72), 0),
    "perf_event_open": lambda: min(libc.syscall(298, b"\0" * 112, 0, -1, -1, 0), 0),
    "io_uring_setup": lambda: min(libc.syscall(425, 8, b"\0" * 120), 0),
    "userfaultfd": lambda: min(libc.syscall(323, 1), 0),
    "sethostname": lambda: libc.sethostname(b"mine", 4),
    "x32 getpid": lambda: -1,
}.items():
    if call() == 0:
        told.append(f"ESCAPED: {name}")
if os.getuid() == 0:
    told.append("ESCAPED: it is root inside")


def double(x):
    raise RuntimeError(" ".join(told) or "nothing")
