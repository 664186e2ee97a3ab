"""Keys that people try in `course.yaml`, and what to write in their place."""

from __future__ import annotations

OTHER_WORDS = {
    **dict.fromkeys(
        ("time_limit", "timeout", "seconds", "limit"), "write `limits: {call: 20}`, with a number of seconds"
    ),
    **dict.fromkeys(("deadline", "due_date", "due", "date"), "write `due: 2027-01-31T23:59:00+01:00` in an assignment"),
    **dict.fromkeys(
        ("penalty", "late_penalty", "lateness", "grace", "per_day"), "write `late: {grace: 15m, per_day: 0.1}`"
    ),
    **dict.fromkeys(("max_score", "score", "max_points", "value"), "write `worth: 10` in an exercise"),
    **dict.fromkeys(("name", "label"), "write `title`"),
    **dict.fromkeys(
        ("requires", "depends_on", "depends", "prerequisites"), "write `needs: [layer_norm]` in an exercise"
    ),
    **dict.fromkeys(("chapter", "reference"), "write `book: chapter 4.2` in an exercise"),
}
