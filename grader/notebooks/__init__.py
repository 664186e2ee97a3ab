"""Exercises as notebooks, and their way through nbgrader."""

from __future__ import annotations

import contextlib
import importlib
import sys


def _import_jsonschema() -> None:
    """Import jsonschema, by which notebooks are validated, without what would check the format `iri`.

    That compiles a grammar of three seconds in each process, and no schema of nbformat or nbgrader has the format.
    """
    if "jsonschema" in sys.modules or "rfc3987_syntax" in sys.modules:
        return
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        with contextlib.suppress(ImportError):
            importlib.import_module("jsonschema")
    finally:
        del sys.modules["rfc3987_syntax"]


_import_jsonschema()
