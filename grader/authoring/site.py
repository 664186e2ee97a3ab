"""Build the site with Sphinx: turn Markdown into pages for a browser, without any network."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from grader.authoring.site_pages import stage
from grader.course import Course
from grader.errors import BrokenPages, NotASite
from grader.extras import require

STATIC = Path(__file__).parent / "static"
STYLE = "site.css"
COLOR = re.compile(r"\x1b\[[0-9;]*m")
FIRST, INVENTORY = "index.html", "objects.inv"


def build_site(course: Course, out: Path) -> Path:
    """Build the site of a course in a folder, replacing an earlier one; return the first page.

    Raises:
        MissingPackage: a package that builds it is not installed.
        NotASite: the folder contains other files.
        BrokenPages: a link leads nowhere, or a page has another fault; the earlier site is kept.
    """
    require("The site needs", "docs", "sphinx", "myst_parser", "furo", "latex2mathml")
    out = out.resolve()
    if out.exists() and not _ours(out):
        raise NotASite(f"{out} has other files in it, which would be lost. Name another folder: --out FOLDER")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="site-", dir=out.parent) as scratch:
        pages, site = Path(scratch) / "pages", Path(scratch) / "site"
        stage(course, pages)
        complaints = _run(course, pages, site, Path(scratch) / "trees")
        if complaints:
            first_complaints = "\n".join(line.replace(f"{pages}/", "") for line in complaints.splitlines()[:10])
            raise BrokenPages(f"The site was not built:\n{first_complaints}\nFix the pages, and build again.")
        if out.exists():
            shutil.rmtree(out)
        shutil.move(site, out)
    return out / FIRST


def _ours(folder: Path) -> bool:
    """Say whether a folder contains a site, or nothing."""
    return folder.is_dir() and ((folder / INVENTORY).is_file() or not any(folder.iterdir()))


def _run(course: Course, pages: Path, site: Path, trees: Path) -> str:
    """Run Sphinx; return its warnings."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            pages, None, site, trees, "html", _settings(course), status=None, warning=warnings, freshenv=True
        )  # fmt: skip
        app.build()
    return COLOR.sub("", warnings.getvalue()).strip()


def _settings(course: Course) -> dict[str, Any]:
    return {
        "project": course.title,
        "root_doc": "index",
        "language": "en",
        "extensions": ["myst_parser", "grader.authoring.mathml"],
        "myst_enable_extensions": ["dollarmath"],
        # As on GitHub, formulas may touch a letter, and links to headings use GitHub's names for them.
        "myst_dmath_double_inline": True,
        "myst_heading_anchors": 4,
        "nitpicky": True,
        # Lessons show parts of programs.
        "suppress_warnings": ["misc.highlighting_failure"],
        "highlight_language": "none",
        "html_theme": "furo",
        "html_title": course.title,
        "html_math_renderer": "mathml",
        "html_static_path": [str(STATIC)],
        "html_css_files": [STYLE],
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_use_index": False,
        "html_theme_options": {"navigation_with_keys": True},
        "pygments_style": "a11y-high-contrast-light",
    }
