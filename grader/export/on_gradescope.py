"""What `run_autograder` starts on Gradescope: it grades one submission, and always writes a result.

The grader runs in a process of its own, so that a result is written even if that process is killed or takes too long.
Late submissions and groups are Gradescope's own business. The only thing that is taken from its metadata is until when
the submission's authors may hand in, because until then they read only what the course shows before the due date.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from grader import __version__
from grader.files import write_whole

SPARE_SECONDS = 30
"""How long before Gradescope's time limit the grader is stopped."""
FAILED = (
    "The autograder failed, so nothing was graded. That is not your fault. Tell your instructor, who can see the "
    "reason and grade your submission again."
)
TOO_LONG = (
    "Grading took longer than the {minutes:g} minutes that the autograder has, so there is no result. Look for a loop "
    "that doesn't end or code that takes very long, and hand in again; or tell your instructor."
)
DATES = ("due_date", "late_due_date")


def main(arguments: Sequence[str]) -> None:
    """Grade a submission as Gradescope expects it.

    Args:
        arguments: Gradescope's folder, its time limit in minutes, and the options of `grader grade`.
    """
    folder, minutes, *options = arguments
    root = Path(folder)
    start = time.monotonic()
    try:
        result = graded(root, float(minutes), options)
    except subprocess.TimeoutExpired:
        result = without_grade(TOO_LONG.format(minutes=float(minutes)))
    except Exception:
        # Whatever went wrong, the instructor reads it here, and the student reads that it isn't their fault.
        traceback.print_exc(file=sys.stdout)
        result = without_grade(FAILED)
    result["execution_time"] = round(time.monotonic() - start, 1)
    write_whole(root / "results" / "results.json", json.dumps(result, indent=1, ensure_ascii=False).encode() + b"\n")


def graded(root: Path, minutes: float, options: Sequence[str]) -> dict[str, Any]:
    """Run `grader grade`, and return its result for Gradescope.

    Raises:
        subprocess.TimeoutExpired: it takes too long.
        OSError: it can't be started, or wrote no result.
        ValueError: its result can't be read.
    """
    submission, metadata = root / "submission", _metadata(root / "submission_metadata.json")
    with tempfile.TemporaryDirectory(prefix="autograder-") as name:
        out = Path(name)
        command = [sys.executable, "-m", "grader", "grade", "--one", str(submission), "--out", str(out / "graded")]
        command += ["--course", "course.yaml", "--format", "gradescope", "--jobs", "1", *options]
        times = list(_times(metadata))
        if times:
            # Until the last of them has passed, nothing is shown that the course keeps for the time after the due date.
            text = f"extensions:\n  {submission.name}: {max(times).isoformat()}\n"
            (out / "times.yaml").write_text(text, encoding="utf-8")
            command += ["--times", str(out / "times.yaml")]
        run(command, max(minutes * 60 - SPARE_SECONDS, SPARE_SECONDS))
        (file,) = (out / "graded" / "gradescope").iterdir()
        result: dict[str, Any] = json.loads(file.read_bytes())
        version = json.loads((out / "graded" / "results.json").read_bytes())["course"]["version"]
    result["extra_data"] = {"grader": __version__, "course": version, "submission": metadata.get("id")}
    return result


def run(command: Sequence[str], seconds: float) -> None:
    """Run a command, and end it and everything that it started if it takes too long.

    Raises:
        subprocess.TimeoutExpired: it takes too long.
    """
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            process.wait(seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def without_grade(sentence: str) -> dict[str, Any]:
    """Return a result that says why there is no grade. Gradescope wants a score all the same."""
    return {
        "score": 0,
        "output": sentence,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"grader": __version__, "graded": False},
        "tests": [],
    }


def _metadata(path: Path) -> dict[str, Any]:
    """Return what Gradescope says about the submission; nothing if that can't be read."""
    try:
        metadata = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        print(f"{path.name} can't be read ({problem}), so the due dates in course.yaml count.")
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _times(metadata: dict[str, Any]) -> Iterator[datetime]:
    """Yield the times until which somebody may hand in this submission: of the assignment, and of its authors."""
    users = metadata.get("users")
    for place in (metadata, *(users if isinstance(users, list) else ())):
        about = place.get("assignment") if isinstance(place, dict) else None
        assignment = about if isinstance(about, dict) else {}
        for name in DATES:
            try:
                date = datetime.fromisoformat(str(assignment.get(name)))
            except ValueError:
                continue
            if date.tzinfo is not None:
                yield date


if __name__ == "__main__":
    main(sys.argv[1:])
