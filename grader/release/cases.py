"""Recorded cases and draws for students: the sentences of mistakes, and answers, but no code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from typing import Any

from grader.course import Course


def released_cases(text: str) -> str:
    """Return a file of cases in which numbers replace the values of mistakes.

    A mistake that can be made in several ways has a value for each of them. It is a part of the edit that makes the
    mistake, so it may be code of the solution. The grader uses it only to tell the ways apart.
    """
    content = json.loads(text)
    names: dict[str, str] = {}
    ways: Counter[str] = Counter()
    for mistake in content["misconceptions"]:
        if mistake.get("value"):
            ways[mistake["name"]] += 1
            number = str(ways[mistake["name"]] + 1)
            names[f"{mistake['name']}={mistake['value']}"] = f"{mistake['name']}={number}"
            mistake["value"] = number
    for case in content["cases"]:
        case["by"] = {names.get(name, name): position for name, position in case["by"].items()}
    mistakes, cases = (_lines(content[name]) for name in ("misconceptions", "cases"))
    checks = json.dumps(content["checks"])
    return f'{{"misconceptions": [\n{mistakes}\n],\n"checks": {checks},\n"cases": [\n{cases}\n]}}\n'


def released_draws(course: Course, text: str, exercises: Collection[str]) -> str:
    """Return a file of draws with nothing in it but the visible checks of some exercises."""
    draws = {
        exercise: {name: seed for name, seed in seeds.items() if name in _visible(course, exercise)}
        for exercise, seeds in json.loads(text).items()
        if exercise in exercises
    }
    return json.dumps(draws, indent=1) + "\n"


def _visible(course: Course, exercise: str) -> set[str]:
    return {check.id for check in course.by_id[exercise].checks if check.visibility == "visible"}


def _lines(entries: list[Any]) -> str:
    return ",\n".join(json.dumps(entry, ensure_ascii=True) for entry in entries)
