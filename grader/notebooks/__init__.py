"""Exercises as notebooks, and their way through nbgrader."""

from __future__ import annotations

import contextlib
import importlib
import sys

from grader.wire.switches import is_off


def _import_jsonschema() -> None:
    """Import jsonschema, by which notebooks are validated, without what would check the format `iri`.

    That compiles a grammar of three seconds in each process, and no schema of nbformat or nbgrader has the format. It
    works around `jsonschema._format`, which imports `rfc3987_syntax` if it is there, to build its parser at once.
    """
    if is_off("nbgrader_patches") or "jsonschema" in sys.modules or "rfc3987_syntax" in sys.modules:
        return
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        with contextlib.suppress(ImportError):
            importlib.import_module("jsonschema")
    finally:
        del sys.modules["rfc3987_syntax"]


_import_jsonschema()
