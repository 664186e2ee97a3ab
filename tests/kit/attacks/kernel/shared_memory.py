"""Leaves messages in shared memory, queues and semaphores, and on the bus of signals."""
import ctypes
import multiprocessing.shared_memory as shared

libc = ctypes.CDLL(None, use_errno=True)
told = []
for name, call in {
    "shmget": lambda: libc.shmget(0x6774, 4096, 0o1666),
    "msgget": lambda: libc.msgget(0x6774, 0o1666),
    "semget": lambda: libc.semget(0x6774, 1, 0o1666),
    "mq_open": lambda: libc.syscall(240, b"gptwb-mark", 0o102, 0o666, None),
}.items():
    if call() >= 0:
        told.append(f"ESCAPED: {name}")
try:
    shared.SharedMemory("gptwb-mark", create=True, size=4096)
    told.append("ESCAPED: shared memory")
except OSError:
    pass


def double(x):
    raise RuntimeError(" ".join(told) or "nothing")
