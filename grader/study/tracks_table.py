"""The table that `grader track` prints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from grader.study.tracks import TrackProgress


def tracks_table(tracks: Sequence[TrackProgress]) -> Table:
    """Make the table; a word marks the tracks that the learner follows, so that color is never needed."""
    table = Table(box=None, pad_edge=False)
    for heading in ("track", "passed"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what it is", overflow="fold")
    for track in tracks:
        mark = Text("YOURS: ", style="bold") if track.is_followed else Text()
        exercises = Text("\n" + ", ".join(track.exercises), style="dim")
        passed = f"{track.passed} of {len(track.exercises)}"
        table.add_row(Text(track.id), Text(passed), mark + Text(track.title) + exercises)
    return table
