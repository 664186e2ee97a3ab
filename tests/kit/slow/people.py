"""People with environments of their own: nothing of this project is on the path, and the home folder is empty."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.kit.conftest import ROOT


class Person:
    """Somebody with a copy of something, an environment, and an empty home folder.

    Args:
        folder: where they type their commands.
        home: an empty folder.
        environment: the folder of the environment, if it isn't in `folder`.
    """

    def __init__(self, folder: Path, home: Path, environment: Path | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.bin = (environment or folder / ".venv") / "bin"
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG", "OMP_", "SSL_"))}
        path = os.pathsep.join([str(self.bin), "/usr/local/bin", "/usr/bin", "/bin"])
        self.environment = kept | {"HOME": str(home), "PATH": path, "NO_COLOR": "1", "TMPDIR": str(home)}

    def type(self, *command: str, status: int = 0) -> str:
        """Run a command, expect its exit status, and return what it prints."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=1800
        )
        assert done.returncode == status, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def install(self, what: str) -> None:
        """Make the environment, and install a project with the versions with which the exercises were proven."""
        self.type(getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(self.bin.parent))
        lock = str(ROOT / "requirements.lock")
        self.type("pip", "install", "--quiet", "--constraint", lock, "--editable", what)

    def writes(self, exercise: str, text: str) -> None:
        """Write the file of an exercise."""
        (self.folder / "exercises" / f"{exercise}.py").write_text(text, encoding="utf-8")


def solution(exercise: str) -> str:
    """Return the solution of an exercise."""
    return (ROOT / "solutions" / f"{exercise}.py").read_text(encoding="utf-8")
