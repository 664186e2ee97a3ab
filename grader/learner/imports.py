"""What the import statements of a learner's modules mean: the same at home and at grading.

`from .layer_norm import LayerNorm`, `import layer_norm`, `from exercises.layer_norm import LayerNorm` and
`from previous_chapters import LayerNorm` all mean the submission's own modules. What can't be imported becomes a
placeholder, so that an import costs nothing until something uses it.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import linecache
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType, ModuleType
from typing import Any

from grader.learner.frames import INSTALL
from grader.learner.placeholders import Placeholder, progress_bars
from grader.learner.source import Source
from grader.wire.remarks import Kind, Remark, reason

FOLDER = "exercises"
"""The folder of a learner's modules, by which code may call them, too."""
COLLECTIONS = ("previous_chapters", "llms_from_scratch")
"""Modules that have everything from earlier chapters, where the book's code takes it from."""
PROTECTED = sys.stdlib_module_names | {"torch", "numpy", "grader"}
"""Names that mean an installed module even if there is a file with that name next to the exercises."""
_KNOWN = """
IPython PIL accelerate altair apex bitsandbytes bokeh bs4 cv2 cupy dask datasets deepspeed dotenv einops evaluate
fire flash_attn flax gensim google gradio h5py huggingface_hub hydra ipywidgets jax jaxtyping joblib keras lightning
loguru matplotlib mlflow mpl_toolkits networkx nltk numba nvidia omegaconf onnx onnxruntime openai pandas peft
plotly polars psutil pyarrow pydantic pynvml pytorch_lightning ray regex requests rich sacrebleu safetensors scipy
seaborn sentencepiece skimage sklearn spacy statsmodels streamlit sympy tabulate tensorboard tensorboardX tensorflow
termcolor thop tiktoken tokenizers torchaudio torchinfo torchmetrics torchsummary torchtext torchvision torchviz
tqdm transformers triton trl typeguard ujson urllib3 wandb xformers yaml
"""
PACKAGES = frozenset(_KNOWN.split())
"""Well-known packages; another name that can't be imported may also be a file that is missing."""


class Importer:
    """Imports for the modules of one submission.

    Args:
        package: the name of the package that the modules are in.
        names: the submission's modules, those that serve `previous_chapters` first.
        source: returns the source of one of these modules.
        remark: takes a remark about each import that doesn't get what it asks for.

    Attributes:
        builtins: the builtins for the modules' code, in which import statements end up here.
    """

    def __init__(
        self,
        package: str,
        names: Sequence[str],
        source: Callable[[str], Source],
        remark: Callable[[Remark], None],
    ) -> None:
        self._package, self._names = package, list(names)
        self._source, self._remark = source, remark
        self.builtins: dict[str, Any] = vars(builtins) | {"__import__": self._import}

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        head = name.partition(".")[0]
        caller = sys._getframe(1)
        if level == 0 and not self._is_own(head):
            return self._installed(name, globals, locals, fromlist, caller)
        parts = name.split(".") if name else []
        while parts and parts[0] == FOLDER and FOLDER not in self._names:
            del parts[0]
        if not parts:
            for wanted in fromlist or ():
                if wanted in self._names:
                    self._module(wanted)
            return self._whole(caller)
        if parts[0] in self._names:
            module = self._module(parts[0])
        elif parts[0] in COLLECTIONS:
            module = self._collection(parts[0], caller)
        else:
            module = self._placeholder("file" if level or head == FOLDER else "module", parts[0], caller)
        return module if fromlist or head == parts[0] else self._whole(caller)

    def _is_own(self, head: str) -> bool:
        return head == FOLDER or head in COLLECTIONS or (head in self._names and head not in PROTECTED)

    def _module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self._package}.{name}")

    def _whole(self, caller: FrameType) -> ModuleType:
        """Return the package of all modules."""
        package = importlib.import_module(self._package)

        def absent(name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            return self._placeholder("file", name, caller)

        vars(package)["__getattr__"] = absent
        return package

    def _collection(self, name: str, caller: FrameType) -> ModuleType:
        """Make a module that has everything that the submission's other modules define."""
        importing = self._name_of(caller)
        collection = ModuleType(name)

        def look_up(wanted: str) -> Any:
            if wanted.startswith("ch") and wanted[2:].isdigit():
                return collection
            if wanted.startswith("_"):
                raise AttributeError(wanted)
            for module in self._names:
                if module != importing and wanted in self._definitions(module):
                    return getattr(self._module(module), wanted)
            return self._placeholder("name", wanted, caller)

        vars(collection)["__getattr__"] = look_up
        return collection

    def _definitions(self, module: str) -> frozenset[str]:
        try:
            return self._source(module).definitions
        except (OSError, SyntaxError, ValueError):
            return frozenset()

    def _installed(
        self,
        name: str,
        globals: Mapping[str, Any] | None,
        locals: Mapping[str, Any] | None,
        fromlist: Sequence[str] | None,
        caller: FrameType,
    ) -> Any:
        head = name.partition(".")[0]
        try:
            return builtins.__import__(name, globals, locals, fromlist or ())
        except Exception as error:
            missing = str(error.name) if isinstance(error, ModuleNotFoundError) else ""
            if head in PROTECTED or missing.startswith(f"{head}.") or self._must_raise(caller):
                # A protected name can't be missing, and of a package that is there, something inside can be.
                raise
            if missing != head:
                return self._placeholder("broken package", head, caller)
            if head == "tqdm":
                return progress_bars(head)
            return self._placeholder("package" if head in PACKAGES else "module", head, caller)

    def _placeholder(self, kind: Kind, name: str, caller: FrameType) -> Placeholder:
        """Make a placeholder for what can't be imported.

        Raises:
            ModuleNotFoundError: the code doesn't get placeholders.
        """
        importing = self._name_of(caller)
        why = reason(kind, name, importing)
        if self._must_raise(caller):
            raise ModuleNotFoundError(f"{why[0].upper()}{why[1:]}", name=name)
        line = caller.f_lineno
        source = linecache.getline(caller.f_code.co_filename, line).strip()
        self._remark(Remark(kind, importing, line, name, source))
        if name == "pandas":
            # The one package that an exercise needs, but not everybody has.
            why = f"pandas isn't installed. {INSTALL}"
        return Placeholder(name, functools.partial(NotThere, why), self.decorates)

    def _name_of(self, frame: FrameType) -> str:
        """Return the name of the submission's module whose code runs in a frame; empty if it isn't one."""
        package, _, name = str(frame.f_globals.get("__name__", "")).partition(".")
        return name if package == self._package and name in self._names else ""

    def _must_raise(self, frame: FrameType) -> bool:
        """Say whether an import that fails raises: in other code, and if the module handles that itself."""
        name = self._name_of(frame)
        return not name or frame.f_lineno in self._source(name).guarded_lines

    def decorates(self) -> bool:
        """Say whether the learner's line that runs now is a decorator."""
        frame = sys._getframe(2)
        name = self._name_of(frame)
        return bool(name) and frame.f_lineno in self._source(name).decorator_lines


class NotThere(ModuleNotFoundError):
    """Something is used that couldn't be imported."""

    def __init__(self, why: str, used: str) -> None:
        super().__init__(f"`{used}` is used here, but {why}", name=used.partition(".")[0])
