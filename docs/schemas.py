"""Writes `docs/manifest.schema.json`, the description of the manifest in an archive: `python -m docs.schemas`.

`make build` runs it, and a test fails if the file is out of date.
"""

from __future__ import annotations

from pathlib import Path

from grader.files import write_whole
from grader.handin import schema_text

MANIFEST_SCHEMA_FILE = Path(__file__).with_name("manifest.schema.json")


def main() -> None:
    """Write the schema."""
    write_whole(MANIFEST_SCHEMA_FILE, schema_text().encode())


if __name__ == "__main__":
    main()
