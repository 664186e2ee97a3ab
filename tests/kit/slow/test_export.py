"""The autograder for Gradescope from its first to its last step: `setup.sh` installs it, and it grades a solution.

Only `apt-get` is a stand-in, which does nothing; pip installs into a new environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.course import load_course, part_of
from grader.export.gradescope import GradescopeOptions, export_gradescope
from tests.kit.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="Gradescope runs Linux")]


def test_the_autograder_sets_itself_up_and_grades(tmp_path: Path) -> None:
    """After `setup.sh`, `run_autograder` needs nothing but what is in Gradescope's folder."""
    part = part_of(load_course(ROOT / "course.yaml"), ["layer_norm"])
    done = export_gradescope(part, tmp_path / "autograder.zip", GradescopeOptions())
    root, tools = tmp_path / "autograder", tmp_path / "tools"
    for folder in (tools, root / "source", root / "submission"):
        folder.mkdir(parents=True)
    with zipfile.ZipFile(done.out) as archive:
        archive.extractall(root / "source")
    (tools / "apt-get").write_text("#!/bin/sh\n", encoding="utf-8")
    (tools / "apt-get").chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG", "SSL_"))}
    # PyTorch's own index may be out of reach here; every other one has its packages, too.
    kept |= {"PIP_RETRIES": "0", "AUTOGRADER_ROOT": str(root), "HOME": str(tmp_path)}
    path = os.pathsep.join([str(tools), os.environ["PATH"]])
    setup = subprocess.run(
        ["bash", str(root / "source" / "setup.sh")],
        env={**kept, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert setup.returncode == 0, setup.stdout + setup.stderr
    assert "sandbox" in setup.stdout
    (root / "submission" / "layer_norm.py").write_bytes((ROOT / "solutions" / "layer_norm.py").read_bytes())
    subprocess.run(
        ["bash", str(root / "source" / "run_autograder")],
        env={"AUTOGRADER_ROOT": str(root), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        check=True,
    )
    result = json.loads((root / "results" / "results.json").read_bytes())
    assert result["score"] == done.points, result["output"]
