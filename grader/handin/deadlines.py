"""How long is left until an assignment is due, and what its late rule costs after that."""

from __future__ import annotations

from datetime import datetime, timedelta

from grader.course import Assignment

UNKNOWN = "An extension that you have isn't known here."


def about_due_date(assignment: Assignment, now: datetime) -> str:
    """Say how long is left until an assignment is due, or what handing it in now costs; empty without a due date."""
    due, rule = assignment.due, assignment.late
    if due is None:
        return ""
    when = f"{due:%Y-%m-%d %H:%M %Z}"
    if now <= due:
        return f"{assignment.id} is due in {span(due - now)} ({when})."
    late = f"{assignment.id} was due {span(now - due)} ago ({when})"
    if rule is None:
        return f"{late}; the course has no penalty for late work."
    if rule.is_closed(due, now):
        return f"{late}, and is closed: handed in now, it scores 0. {UNKNOWN}"
    days, share = rule.days(due, now), rule.share(due, now)
    if not days:
        return f"{late}, which still counts as on time."
    count = "one day" if days == 1 else f"{days} days"
    return f"{late}: handed in now, it is {count} late, which costs {share:.0%} of its points. {UNKNOWN}"


def is_closed(assignment: Assignment, now: datetime) -> bool:
    """Say whether an assignment was due before now."""
    return assignment.due is not None and now > assignment.due


def span(time: timedelta) -> str:
    """Write a length of time in its two largest units, rounded down: "2 days and 3 hours"."""
    minutes = int(time.total_seconds()) // 60
    parts = [("day", minutes // 1440), ("hour", minutes // 60 % 24), ("minute", minutes % 60)]
    while len(parts) > 1 and not parts[0][1]:
        del parts[0]
    words = [f"{count} {unit}{'s' * (count != 1)}" for unit, count in parts[:2] if count]
    return " and ".join(words) or "less than a minute"
