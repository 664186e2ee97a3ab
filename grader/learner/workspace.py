"""The modules of one submission, and how they are imported.

They live in their own package, which exists only in memory. So `from .layer_norm import LayerNorm` works, two
submissions never mix, and nothing is written next to the learner's files (no `__pycache__`).
"""

from __future__ import annotations

import ast
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
    from grader.learner.free_code import FreeCode
    from grader.wire.free import Free
    from grader.wire.requests import Frame

PACKAGE = "submission"
_numbers = itertools.count(1)


class Workspace:
    """The modules of one submission: for each exercise id a file, the learner's or a stand-in.

    Args:
        files: the file of each exercise id's module. Other modules can't be imported.
        free: what is free in which modules.

    Attributes:
        free_code: the context in which free statements run; without one, they run as all others do.
    """

    def __init__(self, files: Mapping[str, Path], free: Mapping[str, Free] | None = None) -> None:
        self.files = {name: Path(path) for name, path in files.items()}
        self.free = dict(free or {})
        self.free_code: FreeCode | None = None
        self.package = f"{PACKAGE}_{next(_numbers)}"
        self._paths = {str(path): name for name, path in self.files.items()}
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
    """Compiles a file again only if it has changed; reads and writes no bytecode on disk."""

    def __init__(
        self,
        fullname: str,
        path: str,
        compiled: dict[str, tuple[bytes, CodeType]],
        free: Free | None,
        free_code: FreeCode | None,
    ) -> None:
        super().__init__(fullname, path)
        self._compiled, self._free, self._free_code = compiled, free, free_code

    def exec_module(self, module: ModuleType) -> None:
        if self._free is not None:
            from grader.learner.free_code import NAME

            vars(module)[NAME] = self._free_code
        super().exec_module(module)

    def get_code(self, fullname: str) -> CodeType:
        data = self.get_data(self.path)
        source, code = self._compiled.get(self.path, (None, None))
        if code is None or source != data:
            code = self.source_to_code(self._prepared(data), self.path)
            self._compiled[self.path] = data, code
        return code

    def _prepared(self, data: bytes) -> ast.Module | bytes:
        if self._free is None:
            return data
        from grader.learner.free_code import guard_free_code

        try:
            tree = ast.parse(data)
            guard_free_code(tree, self._free)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            # The import fails as usual.
            return data
        return tree


class _PackageLoader:
    """Makes the package itself, which is empty and has no folder."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__doc__ = "A submission."


class _Finder(MetaPathFinder):
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._compiled: dict[str, tuple[bytes, CodeType]] = {}

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
        free_code = self._workspace.free_code
        free = None if free_code is None else self._workspace.free.get(name)
        loader = _FreshLoader(fullname, str(file), self._compiled, free, free_code)
        return spec_from_file_location(fullname, file, loader=loader)
