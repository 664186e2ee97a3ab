"""The text of a drafted entry of the catalog."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from grader.authoring.drafting.candidates import Candidate
from grader.course.mistakes import NAME_TO_WRITE, TO_WRITE

WIDTH = 100
"""Characters in a line of a comment."""
SENTENCES = {
    "did": "what the learner did, as a sentence to them",
    "why": "why that is wrong, in a sentence",
    "hint": "where to look, without giving the line away",
}


def entry_text(candidate: Candidate | None, check: str, comments: Sequence[str], submitted: str) -> str:
    """Write an entry as YAML.

    Args:
        candidate: the edit; None if none was found.
        check: the check that the mistake belongs to.
        comments: lines to put above the entry.
        submitted: the submission's code, which is added as a comment if there is no edit.
    """
    lines = [f"# {line}" for comment in comments for line in textwrap.wrap(comment, WIDTH)]
    lines.append(f"{(candidate.name if candidate else '') or NAME_TO_WRITE}:")
    given = dict(candidate.entry) if candidate is not None else {}
    lines += [f"  {key}: {value}" for key, value in given.items()]
    # A stock mistake and a family have their own sentences.
    lines += [] if given else [f'  {key}: "{TO_WRITE} {meaning}"' for key, meaning in SENTENCES.items()]
    lines.append(f"  check: {check}")
    if candidate is None:
        lines += ["  # edit: write it from the submission's code, which follows.", *_commented(submitted)]
    elif not given:
        lines += ["  edit: |", *(f"    {line}".rstrip() for line in candidate.edit.rstrip("\n").splitlines())]
    return "\n".join(lines) + "\n"


def _commented(code: str) -> list[str]:
    return [f"  # {line}".rstrip() for line in code.splitlines()]
