"""Refuses to start while a scratch file such as `torch.py` hides a package that the checks need.

`grader.checks` imports this first, because the next imports would run that file.
"""

from __future__ import annotations

import os
import sys

import pytest

from grader.shadows import hidden_by, sentences

NEEDED = ("hypothesis", "msgspec", "numpy", "pytest", "tiktoken", "torch", "yaml")


def refuse_scratch_files() -> None:
    """Stop if a file hides one of these packages where Python looks first.

    Raises:
        UsageError: there is such a file; the message names it.
    """
    here = os.getcwd()
    # With `python -m pytest`, the working folder comes after the course's.
    folders = [sys.path[0] or here, *([here] if here in sys.path else [])]
    hidden = {name for folder in folders for _, name in hidden_by(folder)}
    if any(name in hidden and name not in sys.modules for name in NEEDED):
        raise pytest.UsageError(" ".join(sentences(folders)))


refuse_scratch_files()
