"""Golden records: what the reference returns for fixed inputs, as numbers; visible checks need no reference.

A check calls `golden.expect("output", got)`. `grader build` runs the checks once on the solutions and writes
the results to `tests/visible/golden/<exercise>.json`; every other run compares with that file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from grader.checks.compare import expect_equal
from grader.errors import StaleFiles
from grader.wire.as_json import from_json, to_json
from grader.wire.plain import Plain


class Golden:
    """The recorded values of one check.

    Args:
        path: the exercise's golden file.
        check: the check's id.
        record: write values instead of comparing with them.
    """

    def __init__(self, path: Path, check: str, record: bool = False) -> None:
        self.path, self.check = path, check
        self.record = record

    def expect(self, key: str, got: Plain, what: str = "the result", *, dims: Sequence[str] = ()) -> None:
        """Fail unless a value equals the one recorded under `key`.

        Raises:
            CheckFailure: they differ.
            StaleFiles: nothing is recorded under this key.
        """
        records = json.loads(self.path.read_text(encoding="utf-8")) if self.path.is_file() else {}
        if self.record:
            records.setdefault(self.check, {})[key] = to_json(got)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(records, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
            return
        try:
            expected = from_json(records[self.check][key])
        except KeyError:
            raise StaleFiles(f"{self.path.name} has no record `{key}` for {self.check}. Run: grader build") from None
        expect_equal(got, expected, what, dims=dims)
