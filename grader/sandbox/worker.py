"""The inner sandbox of a worker, which the worker sets up before it runs the learner's code.

It has new user, mount, pid, network, ipc and uts namespaces; its own root with only Python's packages (read-only) and
the submission's files; no capabilities and no new privileges; a seccomp filter; and limits on CPU time, memory, file
size and open files. Linux only; `grader.sandbox.launch` decides whether it can be used.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

SUBMISSION_FOLDER = "/submission"
WORKING_FOLDER = "/working-folder"  # where the learner's code runs, and may write files
WORKER_ROOT = "/worker"  # an empty folder in the outer sandbox, on which each worker mounts its root
UID = 1000

_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWIPC = 0x20000, 0x4000000, 0x8000000
_CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_CLONE_THREAD = 0x10000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 2, 4, 32, 4096, 0x4000, 1 << 18
# For each flag that statvfs shows (nodev, noexec, noatime, nodiratime, relatime), the flag that sets it in mount.
_MOUNT_FLAGS = {4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
_MNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 24, 38, 22
_SECCOMP_MODE_FILTER = 2
_SIGKILL = 9

_libc = ctypes.CDLL(None, use_errno=True)


class Limits(msgspec.Struct, frozen=True):
    """What a worker may use.

    Attributes:
        memory: bytes of address space beyond the fork server's, which includes torch.
        cpu: seconds of CPU time.
        file: bytes of one file.
        disk: bytes of all its files together, beyond the submission's own.
        open_files: number of files open at once.
        processes: number of processes and threads.
    """

    memory: int = 1536 * 2**20
    cpu: int = 600
    file: int = 16 * 2**20
    disk: int = 32 * 2**20
    open_files: int = 64
    processes: int = 64


def enter_namespaces() -> None:
    """Enter new namespaces; the next fork becomes the first process of the new pid namespace.

    Raises:
        OSError: the system refuses.
    """
    uid, gid = os.getuid(), os.getgid()
    flags = _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWUTS | _CLONE_NEWIPC | _CLONE_NEWPID | _CLONE_NEWNET
    _check(_libc.unshare(flags), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{UID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{UID} {gid} 1")


def build_root(sources: Mapping[str, bytes], readable: Sequence[str], disk: int) -> None:
    """Build and enter a new root with read-only paths, the submission's files, and an empty working folder and /tmp.

    Args:
        sources: the source of each module of the submission.
        readable: the files, folders and devices that can be read.
        disk: the bytes that all files together may take.

    Raises:
        OSError: the system refuses.
    """
    root = WORKER_ROOT
    _check(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")
    options = f"size={disk},nr_inodes=4096,mode=755".encode()
    _check(_libc.mount(b"worker", root.encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, options), "mount the root")
    for path in readable:
        target = root + path
        if os.path.isdir(path):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
        _check(_libc.mount(path.encode(), target.encode(), None, _MS_BIND | _MS_REC, None), f"bind {path}")
        _make_read_only(target)
    for link in ("/lib", "/lib64", "/bin"):
        if os.path.islink(link):
            os.symlink(os.readlink(link), root + link)
    folder = root + SUBMISSION_FOLDER
    os.mkdir(folder)
    for name, source in sources.items():
        with open(f"{folder}/{name}.py", "xb") as file:
            file.write(source)
    # A bind mount onto itself can be read-only although the rest of the root's tmpfs is not.
    _check(_libc.mount(folder.encode(), folder.encode(), None, _MS_BIND, None), "bind the submission")
    _make_read_only(folder)
    os.mkdir(f"{root}/old")
    os.makedirs(f"{root}/tmp", exist_ok=True)
    os.mkdir(root + WORKING_FOLDER)
    _check(_libc.syscall(_NUMBERS["pivot_root"], root.encode(), f"{root}/old".encode()), "change the root")
    os.chdir("/")
    _check(_libc.umount2(b"/old", _MNT_DETACH), "leave the old root")
    os.rmdir("/old")


def _make_read_only(target: str) -> None:
    """Make a mounted folder or device read-only, so that nothing in it, modes included, changes for later submissions.

    A device can still be written to. The mount's present flags are locked, so they have to be set again.
    """
    has = os.statvfs(target).f_flag
    flags = _MS_BIND | _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID
    for shown, flag in _MOUNT_FLAGS.items():
        flags |= flag if has & shown else 0
    _check(_libc.mount(None, target.encode(), None, flags, None), f"make {target} read-only")


def limit_resources(limits: Limits, baseline: int) -> None:
    """Set the limits; `baseline` is the fork server's address space in bytes."""
    for kind, value in (
        (resource.RLIMIT_AS, baseline + limits.memory),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_FSIZE, limits.file),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def drop_privileges() -> None:
    """Give up all capabilities and all ways to get new ones, and refuse the system calls in the filter from now on.

    Raises:
        OSError: the system refuses.
    """
    _check(_libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "die with the parent")
    for capability in range(64):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("=Ii", 0x20080522, 0)
    _check(_libc.syscall(_NUMBERS["capset"], header, bytes(24)), "drop capabilities")
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    program = seccomp_program()
    buffer = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    _check(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, fprog, 0, 0), "set the seccomp filter")


def machine_is_known() -> bool:
    """Say whether this module knows the system call numbers of this machine."""
    return platform.machine() in _TABLES


def seccomp_program() -> bytes:
    """Assemble the seccomp filter: it refuses some calls and new processes with EPERM, and allows threads."""
    load, jump_equal, jump_set, jump_at_least, give = 0x20, 0x15, 0x45, 0x35, 0x06
    allow, refuse, unknown, kill = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000

    def step(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    numbers = sorted(_NUMBERS[name] for name in _REFUSED if name not in _ABSENT.get(platform.machine(), ()))
    program = [
        step(load, 0, 0, 4),
        step(jump_equal, 1, 0, _ARCHITECTURES[platform.machine()]),
        step(give, 0, 0, kill),
        step(load, 0, 0, 0),
        # The x32 interface of x86-64 has other numbers, which the list below doesn't contain.
        step(jump_at_least, 0, 1, 0x40000000),
        step(give, 0, 0, kill),
        # A filter can't read the flags of clone3; if clone3 doesn't exist, glibc falls back to clone.
        step(jump_equal, 0, 1, _NUMBERS["clone3"]),
        step(give, 0, 0, unknown),
        step(jump_equal, 0, 4, _NUMBERS["clone"]),
        step(load, 0, 0, 16),
        step(jump_set, 0, 1, _CLONE_THREAD),
        step(give, 0, 0, allow),
        step(give, 0, 0, refuse),
    ]
    for number in numbers:
        program += [step(jump_equal, 0, 1, number), step(give, 0, 0, refuse)]
    program.append(step(give, 0, 0, allow))
    return b"".join(program)


def _check(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), what)


# No solution of an exercise needs these: other programs and processes, other namespaces and mounts, sockets, access to
# other processes, keys, and kernel interfaces with a history of security holes.
_REFUSED = (
    "fork", "vfork", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    "kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "socket", "socketpair", "connect", "bind", "listen",
    "accept", "accept4", "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount",
    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "add_key", "request_key", "keyctl", "bpf",
    "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "open_by_handle_at",
    "name_to_handle_at", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot",
    "swapon", "swapoff", "sethostname", "setdomainname", "quotactl", "acct", "syslog", "personality", "lookup_dcookie",
    "iopl", "ioperm", "modify_ldt", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "memfd_secret",
    "capset", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid",
    "setgroups", "mknod", "mknodat", "shmget", "shmat", "shmctl", "msgget", "semget", "mq_open",
    "landlock_create_ruleset",
)  # fmt: skip

_COMMON = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_open": 434, "clone3": 435,
    "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "landlock_create_ruleset": 444,
    "memfd_secret": 447,
}  # fmt: skip

_TABLES = {
    "x86_64": {
        "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "ptrace": 101, "process_vm_readv": 310,
        "process_vm_writev": 311, "kcmp": 312, "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50,
        "socketpair": 53, "accept4": 288, "unshare": 272, "setns": 308, "mount": 165, "umount2": 166,
        "pivot_root": 155, "chroot": 161, "add_key": 248, "request_key": 249, "keyctl": 250, "bpf": 321,
        "perf_event_open": 298, "userfaultfd": 323, "open_by_handle_at": 304, "name_to_handle_at": 303,
        "kexec_load": 246, "kexec_file_load": 320, "init_module": 175, "finit_module": 313, "delete_module": 176,
        "reboot": 169, "swapon": 167, "swapoff": 168, "sethostname": 170, "setdomainname": 171, "quotactl": 179,
        "acct": 163, "syslog": 103, "personality": 135, "lookup_dcookie": 212, "iopl": 172, "ioperm": 173,
        "modify_ldt": 154, "settimeofday": 164, "clock_settime": 227, "adjtimex": 159, "clock_adjtime": 305,
        "capset": 126, "setuid": 105, "setgid": 106, "setreuid": 113, "setregid": 114, "setresuid": 117,
        "setresgid": 119, "setfsuid": 122, "setfsgid": 123, "setgroups": 116, "mknod": 133, "mknodat": 259,
        "shmget": 29, "shmat": 30, "shmctl": 31, "msgget": 68, "semget": 64, "mq_open": 240,
    },
    "aarch64": {
        "clone": 220, "execve": 221, "execveat": 281, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        "kcmp": 272, "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202, "connect": 203,
        "accept4": 242, "unshare": 97, "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51,
        "add_key": 217, "request_key": 218, "keyctl": 219, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282,
        "open_by_handle_at": 265, "name_to_handle_at": 264, "kexec_load": 104, "kexec_file_load": 294,
        "init_module": 105, "finit_module": 273, "delete_module": 106, "reboot": 142, "swapon": 224, "swapoff": 225,
        "sethostname": 161, "setdomainname": 162, "quotactl": 60, "acct": 89, "syslog": 116, "personality": 92,
        "lookup_dcookie": 18, "settimeofday": 170, "clock_settime": 112, "adjtimex": 171, "clock_adjtime": 266,
        "capset": 91, "setuid": 146, "setgid": 144, "setreuid": 145, "setregid": 143, "setresuid": 147,
        "setresgid": 149, "setfsuid": 151, "setfsgid": 152, "setgroups": 159, "mknodat": 33, "shmget": 194,
        "shmat": 196, "shmctl": 195, "msgget": 186, "semget": 190, "mq_open": 180,
    },
}  # fmt: skip

# Calls that are refused above but never existed on a kind of machine; any other name without a number is an error.
_ABSENT = {"aarch64": ("fork", "vfork", "iopl", "ioperm", "modify_ldt", "mknod")}

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NUMBERS = _COMMON | _TABLES.get(platform.machine(), {})
