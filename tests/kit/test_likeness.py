"""Copies are listed as groups, and programs that nobody copied are not."""

from __future__ import annotations

import csv
import dataclasses
import importlib.util
import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.likeness import (
    DISGUISES,
    right_programs,
    with_known_mistakes,
    without_styles,
    wrong_programs,
)
from grader.checks.outcome import PASSED, Outcome
from grader.course import Course, load_course
from grader.failures.rows import Mistake, Row
from grader.grading.notebook import module_of
from grader.grading.results import Results, results
from grader.grading.statements import Cell
from grader.grading.verdict import verdict
from grader.reports import Alike, Likeness, ReportOptions, Roster, compare, exports, write_all
from grader.reports.html import class_page
from grader.reports.likeness.common import many
from grader.reports.likeness.groups import grouped
from grader.reports.likeness.symbols import symbols_of

pytest.importorskip("copydetect")

NAME = "bigram_baseline"
OWN = """
def shout(words, times):
    total = 0
    for word in words:
        total += len(word) * times + {number}
    return sorted([total, times, {number}], reverse=True)[0] - sum(range({number}))
"""


def of_class(programs: Mapping[str, str], exercise: str = NAME) -> dict[str, dict[str, bytes]]:
    """Return the submissions of students who handed in one exercise."""
    return {student: {exercise: text.encode()} for student, text in programs.items()}


def members(likeness: Likeness) -> list[tuple[str, ...]]:
    """Return the members of each group."""
    return [group.members for group in likeness.groups]


@pytest.fixture(scope="module")
def wrong() -> list[str]:
    """Return wrong programs by another author, which nobody in the course's own code wrote."""
    return [text for name, text in wrong_programs(NAME).items() if name.startswith(("first ", "second "))]


def test_without_copydetect_the_remark_says_what_to_install(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """If submissions can't be compared, the remark says what is missing, and there is no table."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    likeness = compare(course, {})
    assert "copydetect" in likeness.remarks[0]
    assert not likeness.compared


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguised_copy_is_listed_and_nobody_else(course: Course, wrong: list[str], disguise: str) -> None:
    """Other names, another order and other comments don't hide a copy; independent programs aren't listed."""
    stub = (course.stubs / f"{NAME}.py").read_text(encoding="utf-8")
    independent = right_programs(course, NAME)
    programs = independent | {"ann": wrong[0], "bob": DISGUISES[disguise](wrong[0], stub)}
    likeness = compare(course, of_class(programs), material=without_styles)
    assert members(likeness) == [("ann", "bob")]
    assert likeness.pairs[0].share > 0.95


def test_the_courses_own_code_does_not_count(course: Course) -> None:
    """Stubs, our solution, its known mistakes and the answers in other styles may be handed in by several students."""
    texts = [
        (course.stubs / f"{NAME}.py").read_text(encoding="utf-8"),
        (course.solutions / f"{NAME}.py").read_text(encoding="utf-8"),
        (course.standins / f"{NAME}.py").read_text(encoding="utf-8")
        if (course.standins / f"{NAME}.py").is_file()
        else "",
        *right_programs(course, NAME).values(),
    ]
    twice = {f"{number} {time}": text for number, text in enumerate(texts) for time in ("first", "second")}
    assert compare(course, of_class(twice)).groups == ()
    mistakes = with_known_mistakes(course, NAME)
    assert compare(course, of_class(mistakes)).groups == ()


def test_a_lesson_and_more_folders_of_boilerplate_do_not_count(tiny_course, tmp_path: Path) -> None:
    """What the lesson quotes, and modules, pages and notebooks in the folders that course.yaml names, may be shared."""
    path = tiny_course()
    tiny = load_course(path)
    texts = {student: OWN.format(number=7) for student in ("ann", "bob")}
    assert members(compare(tiny, of_class(texts, "double"))) == [("ann", "bob")]
    notebook = '{"cells": [{"cell_type": "code", "source": ["import json\\n", %s]}]}'
    for name, text in {
        "lecture/week 1/a.py": OWN.format(number=7),
        "lecture/a.md": f"Look:\n\n```python\n{OWN.format(number=7)}```\n",
        "lecture/a.ipynb": notebook % __import__("json").dumps(OWN.format(number=7)),
    }.items():
        file = path.parent / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        with_folder = dataclasses.replace(tiny, boilerplate=("lecture",))
        assert compare(with_folder, of_class(texts, "double")).groups == ()
        file.unlink()
    missing = compare(dataclasses.replace(tiny, boilerplate=("lectures",)), of_class(texts, "double"))
    assert "lectures" in missing.remarks[0]
    lesson = path.parent / "exercises" / "double.md"
    lesson.parent.mkdir(exist_ok=True)
    lesson.write_text(f"Look:\n\n~~~python\n{OWN.format(number=7)}~~~\n", encoding="utf-8")
    assert compare(tiny, of_class(texts, "double")).groups == ()


def test_a_class_that_types_the_same_textbook_is_not_listed(course: Course, wrong: list[str]) -> None:
    """What a tenth of the class shares doesn't count, but the remarks say who shares it; three are still a group."""
    others = {f"other {number}": OWN.format(number=number) for number in range(50)}
    typed = {f"reader {number}": wrong[0].replace("text", f"text_{number}") for number in range(6)}
    likeness = compare(course, of_class(others | typed))
    assert likeness.groups == ()
    assert any("6 submissions" in remark and "reader 0" in remark for remark in likeness.remarks)
    few = dict(list(typed.items())[:3])
    assert members(compare(course, of_class(others | few))) == [tuple(few)]
    assert [many(count) for count in (2, 20, 50, 51, 120)] == [5, 5, 5, 6, 12]


def test_connected_students_are_one_group() -> None:
    """Two pairs with a student in common are one group in an exercise; each is listed with the most similar."""
    pairs = [
        Alike("double", "ann", "bob", 0.9),
        Alike("double", "bob", "cyd", 1.0),
        Alike("double", "ann", "cyd", 0.85),
        Alike("double", "dan", "eve", 0.85),
        Alike("twice", "dan", "eve", 0.85),
        Alike("twice", "cyd", "fay", 0.84),
    ]
    groups = grouped(pairs, ["ann", "bob", "cyd", "dan", "eve", "fay"])
    assert [group.members for group in groups] == [("ann", "bob", "cyd"), ("dan", "eve"), ("cyd", "fay")]
    assert [group.exercises for group in groups] == [("double",), ("double", "twice"), ("twice",)]
    assert [(pair.first, pair.second) for pair in groups[0].shown()] == [("bob", "cyd"), ("ann", "bob")]


def answers(course: Course, wrong_of: Mapping[str, Outcome]) -> Results:
    """Return the results of a class in which some gave a wrong result in the first check of `double`."""
    checks = {(exercise.id, check.id): PASSED for exercise in course.exercises for check in exercise.checks}
    first = ("double", course.by_id["double"].checks[0].id)
    return results(
        course, [verdict(course, student, checks | {first: outcome}, []) for student, outcome in wrong_of.items()]
    )


def test_the_same_rare_wrong_answer_comes_first(tiny_course) -> None:
    """A group that shares a wrong result or a mistake with nobody else precedes a group with equal right programs."""
    tiny = load_course(tiny_course())
    odd = Outcome("failed", (Row("called", ("double(a=3)",)), Row("got", ("17",))))
    same = Outcome("failed", (Row("called", ("double(b=3)",)), Row("got", ("17",))))
    other = Outcome("failed", (Row("got", ("18",)),))
    made = Outcome("failed", (), mistakes=(Mistake("two_added", "You add two.", "", ""),))
    near = OWN.format(number=7).replace("    return", "    total = max(total, 3)\n    return")
    programs = {
        "ann": OWN.format(number=5), "bob": OWN.format(number=5).replace("total", "t"),
        "cyd": OWN.format(number=7), "dan": near,
    }  # fmt: skip
    right = answers(tiny, dict.fromkeys(programs, PASSED))
    assert members(compare(tiny, of_class(programs, "double"), right)) == [("ann", "bob"), ("cyd", "dan")]
    for first, second, words in ((odd, same, "the same wrong results in 1 check"), (made, made, "You add two")):
        unlike = answers(tiny, {"ann": PASSED, "bob": PASSED, "cyd": first, "dan": second})
        likeness = compare(tiny, of_class(programs, "double"), unlike)
        assert members(likeness) == [("cyd", "dan"), ("ann", "bob")]
        assert words in likeness.pairs[0].wrong
    different = answers(tiny, {"ann": PASSED, "bob": PASSED, "cyd": odd, "dan": other})
    assert not any(pair.wrong for pair in compare(tiny, of_class(programs, "double"), different).pairs)
    common = answers(tiny, dict.fromkeys([*programs, "eve"], odd))
    assert not any(pair.wrong for pair in compare(tiny, of_class(programs, "double"), common).pairs)


def test_a_notebook_is_compared_by_its_code(course: Course, wrong: list[str]) -> None:
    """Code from a notebook is compared as the student wrote it, without the guards that grading puts around it."""
    stub = (course.stubs / f"{NAME}.py").read_text(encoding="utf-8")
    own = (
        wrong[0]
        + '\n\nclass Kept(dict):\n    """Text\n\nat the margin."""\n\n    def f(self):\n        return len(self)\n'
    )
    own = own.replace("    counts = ", "    kept = Kept()\n    counts = ", 1)
    notebook = module_of([Cell("cell 1", own), Cell("cell 2", "print('a')")], stub, NAME).text
    assert "except Exception" in notebook
    likeness = compare(course, of_class({"ann": own, "dan": notebook}))
    assert members(likeness) == [("ann", "dan")]
    assert likeness.pairs[0].share > 0.99
    assert any(line.shared and "math.log2(p)" in line.text for line in likeness.pairs[0].second_lines)


def test_groups_name_students_in_the_order_of_the_submissions(course: Course, wrong: list[str]) -> None:
    """A group keeps that order even if two equal files come before and after a third that is like both."""
    programs = {"a": wrong[0], "b": wrong[0] + "\n\nlast = 1 + 2\n", "c": wrong[0]}
    assert members(compare(course, of_class(programs))) == [("a", "b", "c")]


def test_files_that_are_not_python_can_be_compared(course: Course, wrong: list[str]) -> None:
    """Any bytes can be compared, also a copy with a syntax error; a file that is far too long is named in a remark."""
    deep = b"x = " + b"(" * 5000 + b"1" + b"+1)" * 5000
    odd = {"a": b"\xff\x00(", "b": b"(", "c": b"", "d": b"x" * 70_000, "e": deep, "f": b"-" * 50_000}
    likeness = compare(course, {student: {NAME: source} for student, source in odd.items()})
    assert likeness.groups == ()
    assert likeness.remarks == (f"Too long to compare: {NAME} of d.",)
    windows = {"ann": wrong[0], "bob": "\ufeff" + wrong[0].replace("\n", "\r\n")}
    both = compare(course, of_class(windows)).pairs[0]
    assert [line.shared for line in both.first_lines] == [line.shared for line in both.second_lines]
    broken = {"ann": wrong[0] + "\ndef (:\n", "bob": "# mine\n" + wrong[0].replace("smoothing", "s") + "\n)(\n"}
    assert members(compare(course, of_class(broken))) == [("ann", "bob")]


def test_symbols_do_not_depend_on_names_layout_or_imports() -> None:
    """Two programs that differ in names, annotations, docstrings, aliases and layout have the same symbols."""
    one = 'import torch.nn as nn\ndef f(x: int) -> int:\n    """Do."""\n    y = nn.Linear(x, 2)\n    return y(x)\n'
    two = "from torch import nn as m\n\n\ndef g(a):\n    b: object = m.Linear(a,\n        2)\n    return (b(a))\n"
    assert symbols_of(one).text == symbols_of(two).text
    assert symbols_of(one).text != symbols_of(one.replace("Linear", "Bilinear")).text


def test_the_table_and_the_page_show_groups(tiny_course, tmp_path: Path) -> None:
    """`alike.csv` has a row for each member, and the page shows two programs next to each other with marks."""
    tiny = load_course(tiny_course())
    programs = {"ann": OWN.format(number=5), "bob": OWN.format(number=5).replace("total", "=SUM")}
    programs["bob"] = programs["ann"].replace("total", "all_of_it") + "\nprint('<b>')\n"
    graded = answers(tiny, dict.fromkeys(programs, PASSED))
    modules = of_class(programs, "double")
    written = write_all(tiny, graded, tmp_path, modules, ReportOptions())
    assert tmp_path / "alike.csv" in written.paths
    text = (tmp_path / "alike.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["group"], row["submission"], row["most_similar"], row["exercise"]) for row in rows] == [
        ("1", "ann", "bob", "double"),
        ("1", "bob", "ann", "double"),
    ]
    assert {row["in_common"] for row in rows} == {"100%"}
    page = class_page(tiny, graded, Roster(), compare(tiny, modules, graded))
    assert "<mark>        all_of_it += len(word) * times + 5</mark>" in page
    assert "print(&#39;&lt;b&gt;&#39;)\n" in page
    assert "<mark>print" not in page
    write_all(tiny, graded, tmp_path, None, ReportOptions())
    assert not (tmp_path / "alike.csv").exists()
    assert exports.alike(Likeness(), Roster()).startswith("group,exercise,submission,name,most_similar,")
