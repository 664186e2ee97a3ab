"""The working folder of a worker: a learner's code may write into it, and each example finds it as after the import."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import sys
from collections.abc import Callable
from typing import Any

import torch


class Scratch:
    """The current folder of this process, which only the learner's code uses.

    The folder of a file that is opened for writing is made if it doesn't exist: at home, the learner has made it.
    """

    def __init__(self) -> None:
        self._folder = os.getcwd()
        self._kept: set[str] = set()
        sys.addaudithook(_make_folder)
        torch.save = _saving(torch.save)

    def keep(self) -> None:
        """Keep what is in the folder now, because an import has made it."""
        walked = os.walk(self._folder)
        self._kept = {os.path.join(folder, name) for folder, folders, files in walked for name in (*folders, *files)}

    def clear(self) -> None:
        """Go back to the folder, and remove what has been added to it since the last import."""
        os.chdir(self._folder)
        if not os.listdir(self._folder):
            return
        for folder, folders, files in os.walk(self._folder):
            for name in files:
                if os.path.join(folder, name) not in self._kept:
                    with contextlib.suppress(OSError):
                        os.remove(os.path.join(folder, name))
            for name in [name for name in folders if os.path.join(folder, name) not in self._kept]:
                folders.remove(name)
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def _make_folder(event: str, args: tuple[Any, ...]) -> None:
    if event == "open" and args[2] & os.O_CREAT:
        _make_folder_of(args[0])


def _make_folder_of(path: object) -> None:
    if isinstance(path, str | bytes | os.PathLike):
        folder = os.path.dirname(os.fsdecode(path))
        if folder and not os.path.isdir(folder):
            with contextlib.suppress(OSError):
                os.makedirs(folder)


def _saving(save: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `torch.save`, which opens files without Python's help."""

    @functools.wraps(save)
    def save_into_folder(obj: object, f: Any, *args: Any, **kwargs: Any) -> Any:
        _make_folder_of(f)
        return save(obj, f, *args, **kwargs)

    return save_into_folder
