"""The folder of a run: what stands in it at any moment is whole, and what was there before is never lost."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from capstone.errors import DamagedRun
from grader.files import write_whole

ABOUT, STATE, RESULT, LOG, PRINTED = "run.json", "state.safetensors", "result.json", "log.jsonl", "printed.txt"
MODEL, CONFIG, TOKENIZER, SAMPLES = "model.safetensors", "config.json", "tokenizer.json", "samples.txt"
PICTURES = ("curve.png", "curve.svg")
_ALL = (ABOUT, STATE, RESULT, LOG, PRINTED, MODEL, CONFIG, TOKENIZER, SAMPLES, *PICTURES)
EARLIER = "earlier"


@dataclass(frozen=True)
class State:
    """How far a run has come: tensors by name, and everything else as plain data."""

    tensors: dict[str, Tensor]
    data: dict[str, Any]


class Run:
    """The files of one run in a folder.

    Args:
        folder: where they lie; it is made if need be.
        about: what decides how the run goes, as plain data. Two runs that agree in it come to the same end.
    """

    def __init__(self, folder: Path, about: dict[str, Any]) -> None:
        self.folder, self.about = folder, about

    def begin(self, restart: bool) -> list[str]:
        """Take up the run that lies in the folder if it is this one, else move it aside; say so in sentences.

        Args:
            restart: move it aside in any case.

        Raises:
            DamagedRun: the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            before = self._earlier()
            if before == self.about and not restart:
                return []
            told = []
            if before is not None:
                told.append(f"The earlier run ({self._difference(before)}) is kept in {self._move_aside()}.")
            self.write(ABOUT, json.dumps(self.about, indent=1))
        except OSError as error:
            raise DamagedRun(
                f"{self.folder} can't be used ({error.strerror}). Name another folder: --out build/other"
            ) from None
        return told

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file, so that at no moment half of it stands there."""
        data = content.encode("utf-8") if isinstance(content, str) else content
        write_whole(self.folder / name, data)

    def save(self, state: State) -> None:
        """Keep how far the run has come, in one file."""
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.tensors.items()}
        self.write(STATE, safetensors.torch.save(tensors, {"run": json.dumps(state.data)}))

    def load(self) -> State | None:
        """Return how far the run has come; None where it has not begun.

        Raises:
            DamagedRun: the file is there and cannot be read.
        """
        path = self.folder / STATE
        if not path.is_file():
            return None
        try:
            data = path.read_bytes()
            # The file begins with the length of a header in JSON, and the header.
            header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
            return State(safetensors.torch.load(data), json.loads(header["__metadata__"]["run"]))
        except (OSError, ValueError, KeyError, SafetensorError):
            raise self._damaged(STATE) from None

    def read(self, name: str) -> Any:
        """Return what a file in JSON holds; None where there is none.

        Raises:
            DamagedRun: the file is there and cannot be read.
        """
        path = self.folder / name
        if not path.is_file():
            return None
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise self._damaged(name) from None

    def drop(self, name: str) -> None:
        """Remove a file that is no longer needed."""
        (self.folder / name).unlink(missing_ok=True)

    def _earlier(self) -> dict[str, Any] | None:
        try:
            found = self.read(ABOUT)
        except DamagedRun:
            return {}
        return found if found is None or isinstance(found, dict) else {}

    def _difference(self, before: dict[str, Any]) -> str:
        changed = [key for key in self.about if before.get(key) != self.about[key]]
        return f"it differs in: {', '.join(changed)}" if changed else "you asked for a new one"

    def _move_aside(self) -> Path:
        number = 1
        while (self.folder / EARLIER / str(number)).exists():
            number += 1
        aside = self.folder / EARLIER / str(number)
        aside.mkdir(parents=True)
        for name in _ALL:
            if (self.folder / name).is_file():
                shutil.move(self.folder / name, aside / name)
        return aside

    def _damaged(self, name: str) -> DamagedRun:
        return DamagedRun(
            f"{self.folder / name} is damaged, so the run can't continue from it. "
            "Start over (the files are kept): grader capstone --restart"
        )
