"""Where the modules of one submission come from, and how they are imported.

The modules live in a package of their own that exists only in memory, so that `from .layer_norm import LayerNorm`
works, two submissions never meet, and nothing is written beside the learner's files (no `__pycache__`).
"""

from __future__ import annotations

import importlib
import itertools
import linecache
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location, spec_from_loader
from pathlib import Path
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.wire.requests import Frame

PACKAGE = "submission"
_numbers = itertools.count(1)


class Workspace:
    """The modules of one submission: a file for each exercise id, own work or stand-in.

    Args:
        files: for each exercise id the file that holds its module. What is absent cannot be imported.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.files = {name: Path(path) for name, path in files.items()}
        self.package = f"{PACKAGE}_{next(_numbers)}"
        self._paths = {str(path): name for name, path in self.files.items()}
        self._finder = _Finder(self.package, self.files)
        sys.meta_path.insert(0, self._finder)

    def module(self, name: str) -> ModuleType:
        """Import the module of an exercise.

        Raises:
            KeyError: the submission has no file for it.
            Exception: whatever the file raises while it is imported.
        """
        if name not in self.files:
            raise KeyError(name)
        return importlib.import_module(f"{self.package}.{name}")

    def frames(self, traceback: TracebackType | None) -> list[Frame]:
        """List the lines of the learner's own files in a traceback, outermost first."""
        # Only here: it brings torch along, which those who only hand modules on do not need.
        from grader.wire.requests import Frame

        found = []
        while traceback is not None:
            frame: FrameType = traceback.tb_frame
            name = self._paths.get(frame.f_code.co_filename)
            if name is not None:
                source = linecache.getline(frame.f_code.co_filename, traceback.tb_lineno).strip()
                found.append(Frame(name, traceback.tb_lineno, frame.f_code.co_name, source[:160]))
            traceback = traceback.tb_next
        return found

    def module_name(self, path: str) -> str | None:
        """Say which module a file of this workspace holds."""
        return self._paths.get(path)

    def forget(self) -> None:
        """Have every module imported anew when it is asked for next."""
        for name in [*(f"{self.package}.{file}" for file in self.files), self.package]:
            module = sys.modules.pop(name, None)
            if module is not None:
                # A module and its functions hold one another; emptied, it lets go of what it holds at once.
                vars(module).clear()

    def close(self) -> None:
        """Take the modules out of the interpreter again."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        self.forget()


class _FreshLoader(SourceFileLoader):
    """Compiles the file as it is now, unless it was compiled as it is now: no bytecode on disk is read or written."""

    def __init__(self, fullname: str, path: str, compiled: dict[str, tuple[bytes, CodeType]]) -> None:
        super().__init__(fullname, path)
        self._compiled = compiled

    def get_code(self, fullname: str) -> CodeType:
        data = self.get_data(self.path)
        source, code = self._compiled.get(self.path, (None, None))
        if code is None or source != data:
            code = self.source_to_code(data, self.path)
            self._compiled[self.path] = data, code
        return code


class _PackageLoader:
    """Makes the package itself: empty, and in no folder."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__doc__ = "A submission."


class _Finder(MetaPathFinder):
    def __init__(self, package: str, files: Mapping[str, Path]) -> None:
        self.package, self.files = package, files
        self._compiled: dict[str, tuple[bytes, CodeType]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        if package != self.package:
            return None
        if not name:
            return spec_from_loader(fullname, _PackageLoader(), is_package=True)  # type: ignore[arg-type]
        file = self.files.get(name)
        if file is None:
            return None
        return spec_from_file_location(fullname, file, loader=_FreshLoader(fullname, str(file), self._compiled))
