"""Frames of pandas, and files with the same columns, for the one exercise whose data come as such.

Nothing else here needs pandas, so it is imported at first use. If it's missing, a placeholder takes the place of a
frame: an exercise that isn't started yet is still that, and code that uses the frame raises an error that says what to
install.
"""

from __future__ import annotations

import collections
import csv
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from grader.learner.disk import Disk
from grader.learner.placeholders import Placeholder

if TYPE_CHECKING:
    import pandas

    from grader.wire.plain import Plain

INSTALL = 'Run: pip install -e ".[finetuning]"'
"""What to do without pandas. As in `grader.extras`, which the learner's side can't import."""
MISSING = f"This exercise needs pandas, which is not installed. {INSTALL}"


def frame(columns: Mapping[str, Sequence[Any]], index: Sequence[Any] | None = None) -> pandas.DataFrame | Placeholder:
    """Make a frame from the values of each column; without `index`, the rows are numbered from 0."""
    try:
        pd = _pandas()
    except ModuleNotFoundError:
        return Placeholder("frame", lambda used: ModuleNotFoundError(MISSING, name="pandas"))
    made: pandas.DataFrame = pd.DataFrame(dict(columns), index=None if index is None else list(index))
    return made


def frame_contents(of: Any) -> Plain:
    """Return the `columns`, the `index` and the `rows` of a frame, each a list; a row is a list of values.

    For a list or tuple, return a list of its items' contents. Anything else is returned as it is.
    """
    if isinstance(of, list | tuple):
        return [frame_contents(each) for each in of]
    if not isinstance(of, _pandas().DataFrame):
        return of
    # `tolist` turns NumPy's numbers into Python's.
    values = [of.iloc[:, number].tolist() for number in range(of.shape[1])]
    rows = [[column[number] for column in values] for number in range(of.shape[0])]
    return {"columns": of.columns.tolist(), "index": of.index.tolist(), "rows": rows}


def frame_compared(of: Any, whole: Any, only: Mapping[str, Any] | None = None) -> Plain:
    """Say how the rows of a frame compare with those of another that they were taken from.

    Code that draws rows leaves it to chance which it draws, but not what is listed here. Only the columns of `whole`
    are compared, and `only` selects the rows with these values. The keys are

    - `columns`: those of `whole` that the frame doesn't have; if there are any, no other key.
    - `rows`: the number of rows.
    - `changed`: whether there is a row that `whole` doesn't have.
    - `repeated`: whether a row of `whole` occurs more often than there.
    - `missing`: whether one occurs less often.
    - `neighbors`: whether the rows are neighbors in `whole`, in any order. Its first row follows its last.

    For a list or tuple of frames, return these for each one as `parts`, and for all as `together`. Anything else is
    returned as it is.
    """
    if isinstance(of, list | tuple):
        if not all(isinstance(each, _pandas().DataFrame) for each in of):
            return of
        parts = [frame_compared(each, whole, only) for each in of]
        together = _pandas().concat(list(of), ignore_index=True) if of else whole.iloc[:0]
        return {"parts": parts, "together": frame_compared(together, whole, only)}
    if not isinstance(of, _pandas().DataFrame):
        return of
    columns = frame_contents(whole)["columns"]
    absent = [name for name in columns if name not in of.columns]
    if absent:
        return {"columns": absent}
    taken, all_rows = _rows(of[columns], only), _rows(whole, only)
    more, less = (collections.Counter(rows) for rows in (taken, all_rows))
    return {
        "columns": [],
        "rows": len(taken),
        "changed": not more.keys() <= less.keys(),
        "repeated": any(count > less[row] > 0 for row, count in more.items()),
        "missing": bool(less - more),
        "neighbors": _are_neighbors(taken, all_rows),
    }


def csv_file(disk: Disk, name: str, columns: Mapping[str, Sequence[Any]]) -> str:
    """Write columns to a CSV file on a disk, with their names in the first line; return its path."""
    path = disk.path(name)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def _rows(of: Any, only: Mapping[str, Any] | None) -> list[tuple[Any, ...]]:
    """List the rows that have the values in `only`, as something that can be counted."""
    contents = frame_contents(of)
    wanted = {contents["columns"].index(name): value for name, value in (only or {}).items()}
    rows = [tuple(_countable(value) for value in row) for row in contents["rows"]]
    return [row for row in rows if all(row[number] == value for number, value in wanted.items())]


def _countable(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else repr(value)


def _are_neighbors(taken: Sequence[Any], whole: Sequence[Any]) -> bool:
    """Say whether rows, each only once in `whole`, follow one another there."""
    if not taken or len({*taken}) != len(taken) or not {*taken} <= {*whole}:
        return False
    is_taken = [row in {*taken} for row in whole]
    starts = sum(is_taken[number] and not is_taken[number - 1] for number in range(len(whole)))
    return starts <= 1


def _pandas() -> Any:
    """Import pandas.

    Raises:
        ModuleNotFoundError: it isn't installed.
    """
    try:
        import pandas
    except ModuleNotFoundError as error:
        if error.name != "pandas":
            raise
        raise ModuleNotFoundError(MISSING, name="pandas") from None
    return pandas
