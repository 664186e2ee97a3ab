"""The modules of one submission, and how they are imported.

They live in their own package, which exists only in memory. So `from .layer_norm import LayerNorm` works, two
submissions never mix, and nothing is written next to the learner's files (no `__pycache__`).
"""

from __future__ import annotations

import importlib
import itertools
import linecache
import sys
from collections.abc import Collection, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location, spec_from_loader
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from grader.learner.imports import Importer
from grader.learner.module_level import noting, run
from grader.learner.source import LEFT_OUT, Source
from grader.wire.free import EARLIER
from grader.wire.remarks import MAX_REMARKS, Remark

if TYPE_CHECKING:
    from grader.learner.free_code import FreeCode
    from grader.wire.free import Free
    from grader.wire.requests import Frame
    from grader.wire.slips import Slip

PACKAGE = "submission"
_numbers = itertools.count(1)


def helpers_in(folder: Path, exercises: Collection[str]) -> dict[str, Path]:
    """List the modules in a learner's folder that are not of an exercise, which those may import."""
    return {
        path.stem: path
        for path in sorted(folder.glob("*.py"))
        if path.stem.isidentifier() and not path.stem.startswith("__") and path.stem not in exercises
    }


class Workspace:
    """The modules of one submission: for each exercise id a file, the learner's or a stand-in, and helpers.

    Args:
        files: the file of each module, by the exercise's id or the helper's name.
        free: what is free in which modules.

    Attributes:
        free_code: the context in which free statements run; without one, they run as all others do.
    """

    def __init__(self, files: Mapping[str, Path], free: Mapping[str, Free] | None = None) -> None:
        self.files = {name: Path(path) for name, path in files.items()}
        self.free = dict(free or {})
        self.free_code: FreeCode | None = None
        self.package = f"{PACKAGE}_{next(_numbers)}"
        self.remarks: list[Remark] = []
        self._slips: dict[str, Sequence[Slip]] = {}
        self.importer = Importer(self.package, list(self.files), self.source, self.remark)
        self._paths = {str(path): name for name, path in self.files.items()}
        self._sources: dict[str, tuple[bytes, Source]] = {}
        self._finder = _Finder(self)
        sys.meta_path.insert(0, self._finder)

    def module(self, name: str) -> ModuleType:
        """Import the module of an exercise.

        Raises:
            KeyError: the submission has no file for it.
            Exception: whatever the file raises during the import.
        """
        if name not in self.files:
            raise KeyError(name)
        return importlib.import_module(f"{self.package}.{name}")

    def source(self, name: str) -> Source:
        """Return the source of a module, which is read again if the file has changed.

        Raises:
            KeyError: the submission has no file for it.
            OSError: the file can't be read.
            SyntaxError, ValueError: it isn't Python.
        """
        data = self.files[name].read_bytes()
        known, source = self._sources.get(name, (None, None))
        if source is None or known != data:
            free = None if self.free_code is None else self.free.get(name)
            source = Source(data, str(self.files[name]), free, self._slips.get(name, ()))
            self._sources[name] = data, source
        return source

    def repair(self, name: str, slips: Sequence[Slip]) -> None:
        """From now on, run a module as if these slips weren't in it; the modules are imported again."""
        if tuple(slips) != tuple(self._slips.get(name, ())):
            self._slips[name] = slips
            self._sources.pop(name, None)
            self.forget()

    def is_repaired(self, name: str) -> bool:
        """Say whether a module runs without its slips."""
        return bool(self._slips.get(name))

    def served(self, name: str) -> dict[str, Any]:
        """Return what the free code of a module may take from earlier chapters without defining or importing it."""
        if name not in self.free or EARLIER not in self.files:
            return {}
        earlier = vars(self.module(EARLIER))
        return {defined: earlier[defined] for defined in self.source(EARLIER).definitions}

    def remark(self, remark: Remark) -> None:
        """Note that something in a module doesn't get what it asks for."""
        if remark not in self.remarks and len(self.remarks) < MAX_REMARKS:
            self.remarks.append(remark)

    def frames(self, traceback: TracebackType | None) -> list[Frame]:
        """List the lines of the learner's own files in a traceback, outermost first."""
        # Imported here because it imports torch, which code that only passes modules on doesn't need.
        from grader.wire.requests import Frame

        frames = []
        while traceback is not None:
            frame: FrameType = traceback.tb_frame
            name = self._paths.get(frame.f_code.co_filename)
            if name is not None:
                source = linecache.getline(frame.f_code.co_filename, traceback.tb_lineno).strip()
                frames.append(Frame(name, traceback.tb_lineno, frame.f_code.co_name, source[:160]))
            traceback = traceback.tb_next
        return frames

    def module_name(self, path: str) -> str | None:
        """Return the name of the module in a file of this workspace; None if the file doesn't belong to it."""
        return self._paths.get(path)

    def forget(self) -> None:
        """Drop all imported modules, so that each is imported again when it is next used."""
        self.remarks.clear()
        for name in [*(f"{self.package}.{file}" for file in self.files), self.package]:
            module = sys.modules.pop(name, None)
            if module is not None:
                # A module and its functions refer to each other; emptying the module frees its objects at once.
                vars(module).clear()

    def close(self) -> None:
        """Remove the modules from the interpreter."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        self.forget()


class _FreshLoader(SourceFileLoader):
    """Reads a file again only if it has changed, reads and writes no bytecode on disk, and runs it by statements."""

    def __init__(self, fullname: str, path: str, workspace: Workspace) -> None:
        super().__init__(fullname, path)
        self._workspace = workspace

    def exec_module(self, module: ModuleType) -> None:
        name = self.name.rpartition(".")[2]
        source = self._workspace.source(name)
        namespace = vars(module)
        namespace["__builtins__"] = self._workspace.importer.builtins | self._workspace.served(name)
        namespace["__doc__"] = source.doc
        if source.is_made:
            note = noting(str(self._workspace.files[name]), name, self._workspace.remark)
            namespace["__builtins__"] |= {LEFT_OUT: note}
        if self._workspace.is_repaired(name):
            from grader.learner.slips import tools

            namespace["__builtins__"] |= tools()
        if name in self._workspace.free:
            from grader.learner.free_code import NAME

            namespace[NAME] = self._workspace.free_code
        run(source, name, namespace, self._workspace.remark)


class _PackageLoader:
    """Makes the package itself, which is empty and has no folder."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__doc__ = "A submission."


class _Finder(MetaPathFinder):
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        if package != self._workspace.package:
            return None
        if not name:
            return spec_from_loader(fullname, _PackageLoader(), is_package=True)  # type: ignore[arg-type]
        file = self._workspace.files.get(name)
        if file is None:
            return None
        return spec_from_file_location(fullname, file, loader=_FreshLoader(fullname, str(file), self._workspace))
