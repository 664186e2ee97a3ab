"""Attaches to other processes, and asks the kernel for their descriptors."""
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
told = []
for pid in (os.getppid(), 2, 3):
    for name, call in {
        "PTRACE_ATTACH": lambda p: libc.ptrace(16, p, None, None),
        "PTRACE_SEIZE": lambda p: libc.ptrace(0x4206, p, None, None),
        "pidfd_open": lambda p: min(libc.syscall(434, p, 0), 0),
        "process_vm_readv": lambda p: min(libc.process_vm_readv(p, None, 0, None, 0, 0), 0),
    }.items():
        if call(pid) == 0:
            told.append(f"ESCAPED: {name}")
if libc.ptrace(0, 0, None, None) == 0:
    told.append("ESCAPED: PTRACE_TRACEME")


def double(x):
    raise RuntimeError(" ".join(told) or "nothing")
