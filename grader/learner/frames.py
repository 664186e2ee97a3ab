"""Frames of pandas, and files made from them, for the one exercise whose data come as such.

Nothing else here needs pandas, so it is imported at first use. If it's missing, every probe that needs it says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from grader.learner.disk import Disk
from grader.wire.plain import Plain

if TYPE_CHECKING:
    import pandas

MISSING = 'This exercise needs pandas, which is not installed. Run: pip install -e ".[finetuning]"'
"""What to do without pandas. As in `grader.extras`, which the learner's side can't import."""


def frame(columns: Mapping[str, Sequence[Any]], index: Sequence[Any] | None = None) -> pandas.DataFrame:
    """Make a frame from the values of each column; without `index`, the rows are numbered from 0."""
    return _pandas().DataFrame(dict(columns), index=None if index is None else list(index))


def frame_contents(of: Any) -> Plain:
    """Return the `columns`, the `index` and the `rows` of a frame, each a list; a row is a list of values.

    For a list or tuple, return a list of its items' contents. Anything else is returned as it is.
    """
    if isinstance(of, list | tuple):
        return [frame_contents(each) for each in of]
    if not isinstance(of, _pandas().DataFrame):
        return of
    values = [_listed(of.iloc[:, number]) for number in range(of.shape[1])]
    rows = [[column[number] for column in values] for number in range(of.shape[0])]
    return {"columns": list(of.columns), "index": _listed(of.index), "rows": rows}


def csv_file(disk: Disk, name: str, columns: Mapping[str, Sequence[Any]]) -> str:
    """Write columns to a CSV file on a disk, with their names in the first line; return its path."""
    path = disk.path(name)
    frame(columns).to_csv(path, index=False)
    return path


def _listed(of: Any) -> list[Any]:
    # `tolist` turns NumPy's numbers into Python's.
    values: list[Any] = of.tolist()
    return values


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
