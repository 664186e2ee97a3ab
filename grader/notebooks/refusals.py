"""Why nbgrader refuses a submission: what can be seen before it tries, and what it says itself."""

from __future__ import annotations

import re
from pathlib import Path

import nbgrader.utils

from grader.files import reason
from grader.grading.encodings import in_utf8
from grader.text import printable

TIMESTAMP = "timestamp.txt"
EXAMPLE = "2027-01-30 18:05:00 UTC"
MAX_REASON = 300
GENERAL = re.compile(
    r"There was an error|Removing failed|Please see|Traceback \(most recent|NbGraderException|SystemExit"
)
"""What is in lines that only say that something went wrong."""
RAISED = re.compile(r"[A-Za-z_][\w.]*: .+")
"""The last line of a traceback: the exception's name, and what it says."""
LOGGED = re.compile(r"\[[^]]*(?:ERROR|CRITICAL)\] (.+)")


def fault_in_timestamp(folder: Path) -> str:
    """Say which line of a submission's `timestamp.txt` nbgrader can't read; an empty text if it can read it.

    A file that only has another encoding, or empty lines, is written again as nbgrader reads it.

    Args:
        folder: the folder of the submission.
    """
    path = folder / TIMESTAMP
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{TIMESTAMP} can't be read ({reason(error)}). Replace it by a file with a line such as `{EXAMPLE}`."
    lines = [line.strip() for line in in_utf8(data)[0].decode("utf-8", "replace").splitlines()]
    written = [(number, line) for number, line in enumerate(lines, 1) if line]
    number, line = written[0] if written else (1, "")
    if line and (len(written) > 1 or not _is_time(line)):
        number, line = written[1] if _is_time(line) else (number, line)
        return (
            f"{TIMESTAMP}, line {number}: `{printable(line, 60)}` isn't a time that nbgrader can read. Write only a "
            f"line such as `{EXAMPLE}`, or delete the file if nothing is late, and run the same command again."
        )
    if data.strip() != line.encode():
        path.write_text(f"{line}\n", encoding="utf-8")
    return ""


def reason_in(error: str, log: str) -> str:
    """Return the line with which nbgrader says why it refused a submission.

    Args:
        error: the traceback.
        log: what nbgrader logged.
    """
    lines = [line.strip() for line in (*error.splitlines(), *log.splitlines()) if not GENERAL.search(line)]
    raised = [line for line in lines if RAISED.fullmatch(line)]
    logged = [match[1] for line in lines if (match := LOGGED.match(line))]
    others = [line for line in lines if line]
    said = next((texts[-1] for texts in (raised, logged, others) if texts), "")
    return f"nbgrader says: {printable(said, MAX_REASON)}" if said else "nbgrader didn't say why"


def _is_time(text: str) -> bool:
    try:
        nbgrader.utils.parse_utc(text)
    except (ValueError, OverflowError, TypeError):
        return False
    return True
