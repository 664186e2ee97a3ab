"""What stood in the way of code that raised an exception, as far as the exception shows."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from grader.learner.imports import NotThere
from grader.learner.refusals import NotAllowedHere
from grader.wire.remarks import Kind

FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
FULL_TO_TORCH = ("PytorchStreamWriter failed writing", ". unexpected pos ")
"""Parts of the errors that `torch.save` raises if it can't write everything."""
GPUS = ("CUDA", "NVIDIA", "MPS")
"""What torch's errors about a GPU mention."""


def obstacle(error: BaseException) -> tuple[Kind, str]:
    """Return the kind of obstacle, and what is missing or went wrong."""
    for cause in _chain(error):
        if (kind := _refused(cause)) is not None:
            return kind, ""
        if isinstance(cause, NotThere):
            return "use", str(cause)
        if isinstance(cause, FileNotFoundError) and isinstance(cause.filename, str | bytes | os.PathLike):
            return "data", os.fsdecode(cause.filename)
    text = _text(error)
    if any(name in text for name in GPUS):
        return "gpu", ""
    return "statement", f"{type(error).__name__}: {text}" if text else type(error).__name__


def in_words(error: BaseException) -> str:
    """Return an exception's message; for what isn't possible where the checks run, a sentence that says so."""
    for cause in _chain(error):
        if (kind := _refused(cause)) is not None:
            return str(NotAllowedHere(kind))
    text = _text(error)
    if (isinstance(error, OSError) and error.errno in FULL) or any(part in text for part in FULL_TO_TORCH):
        return f"The working folder is full: your code writes more files, or larger ones, than it has room for ({text})"
    return text


def _refused(error: BaseException) -> Kind | None:
    """Return what was refused to the code, here or by the system; None if it is something else."""
    if isinstance(error, NotAllowedHere):
        return error.kind
    if not isinstance(error, OSError | ImportError):
        return None
    traceback, modules = error.__traceback__, []
    while traceback is not None:
        modules.append(str(traceback.tb_frame.f_globals.get("__name__", "")))
        traceback = traceback.tb_next
    # Its locks, which processes share, are the first thing that the system refuses.
    if modules and modules[-1].startswith(("multiprocessing", "concurrent.futures.process")):
        return "process"
    if isinstance(error, PermissionError) and any(module.startswith("asyncio") for module in modules):
        return "asyncio"
    return None


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """List an exception and those that led to it."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
