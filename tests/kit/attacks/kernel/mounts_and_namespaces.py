"""Mounts, changes its root, and makes namespaces in which it would be root."""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
told = []
for name, call in {
    "unshare user": lambda: libc.unshare(0x10000000),
    "unshare mount": lambda: libc.unshare(0x20000),
    "mount tmpfs": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "mount proc": lambda: libc.mount(b"proc", b"/tmp", b"proc", 0, None),
    "remount": lambda: libc.mount(None, b"/submission", None, 32 | 4096, None),
    "umount": lambda: libc.umount2(b"/submission", 2),
    "chroot": lambda: libc.chroot(b"/tmp"),
    "setns": lambda: libc.setns(3, 0),
    "open_tree": lambda: min(libc.syscall(428, -100, b"/", 1), 0),
    "clone user": lambda: min(libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0), 0),
    "clone3": lambda: min(libc.syscall(435, b"\0" * 88, 88), 0),
}.items():
    if call() == 0:
        told.append(f"ESCAPED: {name}")
if os.getpid() != 1:
    os._exit(0)


def double(x):
    raise RuntimeError(" ".join(told) or "nothing")
