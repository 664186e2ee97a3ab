"""The folder of a run: its files are complete at any moment, and earlier runs are never lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from capstone.errors import DamagedRun
from grader.files import write_whole

ABOUT, RESULT, LOG, PRINTED = "run.json", "result.json", "log.jsonl", "printed.txt"
CHECKPOINT, STATE = "checkpoint.pt", "state.json"
"""What a run that isn't finished continues from."""
MODEL, CONFIG, TOKENIZER, SAMPLES = "model.safetensors", "config.json", "tokenizer.json", "samples.txt"
PICTURES = ("curve.png", "curve.svg")
DRAWN = "curve.json"
"""What the pictures of a fine-tuning show."""
_ALL = (ABOUT, CHECKPOINT, STATE, RESULT, LOG, PRINTED, MODEL, CONFIG, TOKENIZER, SAMPLES, DRAWN, *PICTURES)
EARLIER = "earlier"
DEFAULT = Path("build", "capstone")
"""Where a run goes, if the user names no folder."""


class Run:
    """The files of one run in a folder.

    Args:
        folder: their folder; it is created if necessary.
        about: everything that determines the run, as plain data. Two runs with equal data give the same result.
        command: what to type to start it again.
    """

    def __init__(self, folder: Path, about: dict[str, Any], command: str = "grader capstone") -> None:
        self.folder, self.about, self._command = folder, about, command

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

    @property
    def checkpoint(self) -> Path:
        """The file of the learner's checkpoint; it may not exist yet."""
        return self.folder / CHECKPOINT

    def save(self, state: dict[str, Any], save_checkpoint: Callable[[Path], None]) -> None:
        """Save how far the run is: first the state, which may be ahead of the checkpoint, then the checkpoint."""
        self.write(STATE, json.dumps(state))
        save_checkpoint(self.checkpoint)

    def resume(self, restore: Callable[[Path, dict[str, Any]], None]) -> bool:
        """Continue from the files, and say whether there were any.

        Raises:
            DamagedRun: a file exists but can't be read.
        """
        state = self.read(STATE)
        if state is None or not self.checkpoint.is_file():
            return False
        try:
            restore(self.checkpoint, state)
        except (ValueError, KeyError, TypeError):
            raise self._damaged(CHECKPOINT) from None
        return True

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

    def read_lines(self, name: str) -> list[Any]:
        """Return the content of each line of a JSON Lines file.

        Raises:
            DamagedRun: the file doesn't exist, or can't be read.
        """
        try:
            return [json.loads(line) for line in (self.folder / name).read_text(encoding="utf-8").splitlines()]
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
            f"Start over (the files are kept): {self._command} --restart"
        )
