"""Writes the JSON Schemas of the manifest in an archive, and of what commands answer with `--json`.

`python -m docs.schemas` and `make build` run it, and tests fail if a file is out of date.
"""

from __future__ import annotations

from pathlib import Path

from grader.files import write_whole
from grader.handin import schema_text
from grader.study.json_answers import schema_text as schema_of_answers

MANIFEST_SCHEMA_FILE = Path(__file__).with_name("manifest.schema.json")
ANSWERS_SCHEMA_FILE = Path(__file__).with_name("agents.schema.json")


def main() -> None:
    """Write the schemas."""
    write_whole(MANIFEST_SCHEMA_FILE, schema_text().encode())
    write_whole(ANSWERS_SCHEMA_FILE, schema_of_answers().encode())


if __name__ == "__main__":
    main()
