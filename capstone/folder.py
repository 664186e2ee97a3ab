"""The folder of a run: its files are complete at any moment, and earlier runs are never lost."""

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
    """How far a run is: tensors by name, and everything else as plain data."""

    tensors: dict[str, Tensor]
    data: dict[str, Any]


class Run:
    """The files of one run in a folder.

    Args:
        folder: their folder; it is created if necessary.
        about: everything that determines the run, as plain data. Two runs with equal data give the same result.
    """

    def __init__(self, folder: Path, about: dict[str, Any]) -> None:
        self.folder, self.about = folder, about

    def begin(self, restart: bool) -> list[str]:
        """Continue the run in the folder if it is this one, else move it aside; return sentences that say so.

        Args:
            restart: move it aside in any case.

        Raises:
            DamagedRun: the folder can't be written to.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            before = self._earlier()
            if before == self.about and not restart:
                return []
            sentences = []
            if before is not None:
                sentences.append(f"The earlier run ({self._difference(before)}) is kept in {self._move_aside()}.")
            self.write(ABOUT, json.dumps(self.about, indent=1))
        except OSError as error:
            raise DamagedRun(
                f"{self.folder} can't be used ({error.strerror}). Name another folder: --out build/other"
            ) from None
        return sentences

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file, so that it is complete at any moment."""
        data = content.encode("utf-8") if isinstance(content, str) else content
        write_whole(self.folder / name, data)

    def save(self, state: State) -> None:
        """Save how far the run is, in one file."""
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.tensors.items()}
        self.write(STATE, safetensors.torch.save(tensors, {"run": json.dumps(state.data)}))

    def load(self) -> State | None:
        """Return how far the run is; None if it has not started.

        Raises:
            DamagedRun: the file exists but can't be read.
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
        """Return the content of a JSON file; None if it doesn't exist.

        Raises:
            DamagedRun: the file exists but can't be read.
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
            about = self.read(ABOUT)
        except DamagedRun:
            return {}
        return about if about is None or isinstance(about, dict) else {}

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
