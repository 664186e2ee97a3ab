"""The feedback page: nbgrader's own, with the titles of the checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbgrader
from nbconvert.exporters import HTMLExporter

TEMPLATES = Path(__file__).with_name("templates")


class FeedbackPage(HTMLExporter):
    """Writes a student's feedback."""


def configure_page(c: Any) -> None:
    """Let nbgrader write feedback with our template, which extends nbgrader's."""
    formgrader = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
    theirs = str(formgrader / "templates")
    styles = str(formgrader / "static" / "node_modules" / "bootstrap" / "dist" / "css")
    c.GenerateFeedback.exporter_class = FeedbackPage
    # Set only for this exporter, because formgrader has its own template.
    c.FeedbackPage.template_name = "grader"
    c.FeedbackPage.extra_template_basedirs = [str(TEMPLATES), theirs]
    c.FeedbackPage.extra_template_paths = [theirs, styles]
