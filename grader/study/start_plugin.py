"""The first of pytest's plugins here: if the grader can't be imported, pytest says in words what to do about it.

Outside of the grader's environment, pytest would otherwise show where an import failed.
"""

from __future__ import annotations

import importlib

import pytest

from grader.doctor.environment import too_old
from grader.doctor.installation import complain

if _too_old := too_old():
    raise pytest.UsageError(_too_old)
try:
    importlib.import_module("grader.checks")
except ImportError as _error:
    raise pytest.UsageError("\n".join(complain(_error))) from None
