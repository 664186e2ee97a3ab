"""Lateness, extensions, scores by hand and comments: the arithmetic, the files and the messages."""

from __future__ import annotations

import dataclasses
import json
import re
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.outcome import Outcome
from grader.course import Assignment, Course, HiddenFeedback, load_course
from grader.course.lateness import LateRule, duration
from grader.errors import ClassFileError, CourseError
from grader.grading.class_files import Register, read_register
from grader.grading.final_score import adjusted_submission
from grader.grading.marks import ByHand, Override
from grader.grading.results import SubmissionResult
from grader.grading.verdict import verdict
from grader.reports.feedback import feedback
from grader.reports.score_in_words import account
from tests.kit.test_cli import DOUBLE, run

TinyCourse = Callable[..., Path]
DUE = datetime(2027, 1, 31, 23, 0, tzinfo=UTC)
RULE = "{grace: 15m, per_day: 0.1, at_most: 0.5, closes_after: 7d}"
ASSIGNED = f"""\
late: {RULE}
assignments:
  - {{id: first, exercises: [double], due: 2027-01-31T23:00:00Z}}
  - {{id: second, exercises: [twice], due: 2027-02-28T23:00:00Z}}
"""


@pytest.fixture
def tiny(tiny_course: TinyCourse) -> Course:
    """Return the tiny course with two assignments and a late rule."""
    path = tiny_course()
    path.write_text(path.read_text(encoding="utf-8") + ASSIGNED, encoding="utf-8")
    return load_course(path)


def result(course: Course, passed: float = 1) -> SubmissionResult:
    """Return a result in which a fraction of the checks passed; the maximum is 6 points, 2 of them in `double`."""
    checks = [(exercise.id, check.id) for exercise in course.exercises for check in exercise.checks]
    count = round(passed * len(checks))
    return verdict(course, "ann", {key: Outcome("passed" if n < count else "failed") for n, key in enumerate(checks)})


def late(course: Course, over: timedelta, by_hand: ByHand | None = None, **extended: datetime) -> SubmissionResult:
    """Return the result of full marks when the first assignment is late."""
    return adjusted_submission(course, result(course), by_hand or ByHand(), {"first": DUE + over}, extended)


@pytest.mark.parametrize(
    ("over", "days", "share"),
    [
        (timedelta(days=-3), 0, 0),
        (timedelta(0), 0, 0),
        (timedelta(minutes=15), 0, 0),
        (timedelta(minutes=15, seconds=1), 1, 0.1),
        (timedelta(hours=24), 1, 0.1),
        (timedelta(hours=24, seconds=1), 2, 0.2),
        (timedelta(days=6), 6, 0.5),
        (timedelta(days=7), 7, 0.5),
        (timedelta(days=7, seconds=1), 8, 1),
    ],
)
def test_days_count_from_the_due_date_once_the_grace_is_over(over: timedelta, days: int, share: float) -> None:
    """Nothing is deducted within the grace period, then each day begun up to the limit, and everything once closed."""
    rule = LateRule("15m", 0.1, 0.5, "7d")
    assert rule.days(DUE, DUE + over) == days
    assert rule.share(DUE, DUE + over) == pytest.approx(share)


def test_a_penalty_is_a_share_of_the_assignments_points(tiny: Course) -> None:
    """One day late costs a tenth of the first assignment's two points, and nothing of the second assignment."""
    got = late(tiny, timedelta(hours=3))
    assert (got.score, got.final_score, got.max_score) == (6, 5.8, 6)
    (lateness,) = got.late
    assert (lateness.assignment, lateness.days, lateness.penalty, lateness.closed) == ("first", 1, 0.2, False)


def test_a_closed_assignment_counts_nothing(tiny: Course) -> None:
    """Once an assignment is closed, its whole score is deducted; other assignments keep theirs."""
    got = late(tiny, timedelta(days=8))
    assert (got.score, got.final_score) == (6, 4)
    assert got.late[0].closed


def test_a_penalty_takes_no_more_than_there_is(tiny: Course) -> None:
    """An assignment without points loses nothing, even if it was late."""
    got = adjusted_submission(tiny, result(tiny, 0), ByHand(), {"first": DUE + timedelta(days=3)}, {})
    assert (got.final_score, got.late[0].penalty) == (0, 0)


def test_scores_by_hand_come_before_lateness(tiny: Course) -> None:
    """Scores by hand for a check or an exercise replace the automatic ones before lateness is deducted."""
    scores = [
        Override(0, "Copied.", "double", "test_double_three"),
        Override(1.5, "A good idea, not finished.", "twice"),
    ]
    got = late(tiny, timedelta(hours=1), ByHand("Come and see me.", scores))
    assert (got.score, got.final_score, got.comment) == (6, 2.3, "Come and see me.")
    assert [(adjustment.automatic, adjustment.score) for adjustment in got.adjustments] == [(1, 0), (4, 1.5)]
    assert account(tiny, got) == [
        "6 of 6 from the checks, minus 3.5 by hand, minus 0.2 for `first` (one day late): 2.3 of 6.",
        "",
        '- Double, "Twice 3 is 6.": 0 instead of 1. Copied.',
        "- Twice: 1.5 instead of 4. A good idea, not finished.",
        "- `first` was due January 31, 2027, 23:00 and handed in February 1, 2027, 00:00 (UTC), one day late: "
        "minus 0.2, 10% of its 2 points.",
        "",
        "> Come and see me.",
        "",
    ]


def test_the_score_of_everything_is_the_last_word(tiny: Course) -> None:
    """Lateness deducts nothing from a total that was set by hand, and the account says so."""
    got = late(tiny, timedelta(days=3), ByHand(scores=[Override(7, "Extra credit.")]))
    assert (got.score, got.final_score, got.late[0].penalty) == (6, 7, 0)
    assert account(tiny, got)[0] == "6 of 6 from the checks, set to 7 of 6 by hand."
    assert account(tiny, got)[3].endswith("3 days late: no points are deducted.")


def test_without_the_instructors_files_the_score_is_the_final_one(tiny: Course) -> None:
    """The final score is the automatic one, and feedback doesn't mention marks."""
    plain = result(tiny, 0.5)
    assert plain.final_score == plain.score
    assert adjusted_submission(tiny, plain, ByHand(), {}, {}) == plain
    assert account(tiny, plain) == []


def test_feedback_keeps_the_automatic_score_in_sight(tiny: Course) -> None:
    """The page shows the final score and how it comes about."""
    page = feedback(tiny, late(tiny, timedelta(days=1)))
    assert "Score: **5.8 of 6**\n\n6 of 6 from the checks, minus 0.2 for `first` (one day late): 5.8 of 6.\n" in page


def test_a_secret_check_stays_secret_if_its_score_is_set(tiny_course: TinyCourse) -> None:
    """If feedback doesn't name hidden checks, it doesn't name one whose score was set by hand either."""
    path = tiny_course()
    path.write_text(path.read_text(encoding="utf-8") + "hidden_feedback: category\n", encoding="utf-8")
    tiny = load_course(path)
    override = Override(0, "Looked up.", "double", "test_double_equals_the_reference")
    got = adjusted_submission(tiny, result(tiny), ByHand(scores=[override]), {}, {})
    assert account(tiny, got)[2] == "- Double, a hidden check: 0 instead of 1. Looked up."


def test_an_extension_delays_the_later_feedback(tiny: Course) -> None:
    """A learner with an extension sees the later feedback about hidden checks only after the extended date."""
    stages = dataclasses.replace(tiny, hidden_feedback=HiddenFeedback("category", "message"))
    extended = {"first": DUE + timedelta(days=3)}
    now = DUE + timedelta(days=1)
    assert [stages.feedback_level("double", now), stages.feedback_level("double", now, extended)] == [
        "message",
        "category",
    ]


RULES = st.builds(
    LateRule,
    grace=st.integers(0, 2000).map("{}m".format),
    per_day=st.floats(0, 1),
    at_most=st.floats(0, 1),
    closes_after=st.none() | st.integers(2, 30).map("{}d".format),
)
OVERS = st.timedeltas(timedelta(days=-40), timedelta(days=40))


def ruled(course: Course, rule: LateRule) -> tuple[Course, list[str]]:
    """Return the course as two assignments with due dates and a late rule, and the names of both."""
    names = [exercise.id for exercise in course.exercises]
    both = (Assignment("first", names[:2], DUE, rule), Assignment("second", names[2:], DUE, rule))
    return dataclasses.replace(course, assignments=both), ["first", "second"]


@given(rule=RULES, over=OVERS, passed=st.floats(0, 1))
def test_a_penalty_makes_no_score_negative_or_larger(
    course: Course, rule: LateRule, over: timedelta, passed: float
) -> None:
    """However late, the final score is between 0 and the automatic one."""
    both, names = ruled(course, rule)
    got = adjusted_submission(both, result(both, passed), ByHand(), dict.fromkeys(names, DUE + over), {})
    assert 0 <= got.final_score <= got.score
    assert got.final_score == pytest.approx(got.score - sum(lateness.penalty for lateness in got.late))


@given(rule=RULES, passed=st.floats(0, 1))
def test_no_hand_in_time_never_costs(course: Course, rule: LateRule, passed: float) -> None:
    """If there is no submission time, nothing counts as late."""
    both, _ = ruled(course, rule)
    got = adjusted_submission(both, result(both, passed), ByHand(), {}, {})
    assert (got.final_score, got.late) == (got.score, [])


@given(rule=RULES, over=OVERS, longer=st.timedeltas(timedelta(0), timedelta(days=40)), passed=st.floats(0, 1))
def test_an_extension_never_lowers_a_score(
    course: Course, rule: LateRule, over: timedelta, longer: timedelta, passed: float
) -> None:
    """An extension gives the same score as without it, or a higher one."""
    both, names = ruled(course, rule)
    plain, moments = result(both, passed), dict.fromkeys(names, DUE + over)
    without = adjusted_submission(both, plain, ByHand(), moments, {})
    extended = adjusted_submission(both, plain, ByHand(), moments, dict.fromkeys(names, DUE + longer))
    assert extended.final_score >= without.final_score


@given(rule=RULES, over=OVERS, more=st.timedeltas(timedelta(0), timedelta(days=9)))
def test_handing_in_later_never_pays(rule: LateRule, over: timedelta, more: timedelta) -> None:
    """The deducted fraction never gets smaller with time."""
    assert rule.share(DUE, DUE + over) <= rule.share(DUE, DUE + over + more)


@pytest.mark.parametrize("text", ["", "15", "m", "-3d", "1.5h", "15 minutes", "2027-01-31"])
def test_an_invalid_duration_is_refused(text: str) -> None:
    """Text that isn't a whole number and a unit is refused as a duration."""
    with pytest.raises(ValueError, match="not a duration"):
        duration(text)


@pytest.mark.parametrize(
    ("late", "message"),
    [
        ("{grace: 15}", "late.grace: `15` is not a duration"),
        ("{grace: 15 minutes}", "`15 minutes` is not a duration"),
        ("{per_day: 10}", "late.per_day: a fraction of the points must be between 0 and 1"),
        ("{per_day: .nan}", "must be between 0 and 1"),
        ("{at_most: -1}", "late.at_most: a fraction"),
        ("{grace: 2d, closes_after: 1d}", "must not be shorter than `grace`"),
        ("{perday: 0.1}", "did you mean `per_day`?"),
    ],
)
def test_a_mistake_in_the_rule_names_its_line(tiny_course: TinyCourse, late: str, message: str) -> None:
    """An invalid duration or fraction is an error that names the line of `course.yaml`."""
    path = tiny_course()
    lines = len(path.read_text(encoding="utf-8").splitlines())
    path.write_text(path.read_text(encoding="utf-8") + ASSIGNED.replace(RULE, late), encoding="utf-8")
    with pytest.raises(CourseError, match=f"line {lines + 1}\\b") as raised:
        load_course(path)
    assert message in str(raised.value)


def test_a_rule_without_a_due_date_is_refused(tiny_course: TinyCourse) -> None:
    """A late rule in a course without due dates is an error, because it can never apply."""
    path = tiny_course()
    path.write_text(path.read_text(encoding="utf-8") + "late: {per_day: 0.1}\n", encoding="utf-8")
    with pytest.raises(CourseError, match="needs a due date"):
        load_course(path)


def test_an_assignments_rule_replaces_the_courses(tiny_course: TinyCourse) -> None:
    """If an assignment has its own late rule, nothing of the course's rule is left."""
    path = tiny_course()
    text = ASSIGNED.replace("28T23:00:00Z", "28T23:00:00Z, late: {per_day: 0.2}")
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    first, second = load_course(path).assignments
    assert (first.late, second.late) == (LateRule("15m", 0.1, 0.5, "7d"), LateRule(per_day=0.2))


def test_the_same_key_twice_is_refused(tiny: Course, tmp_path: Path) -> None:
    """Two entries for one learner are an error, because YAML would silently drop the first."""
    with pytest.raises(ClassFileError, match="line 2: `ann` appears twice"):
        marks(tiny, tmp_path, "ann: {comment: a}\nann: {comment: b}\n")


def times(course: Course, folder: Path, text: str, *, graded: Sequence[str] = ("ann", "0123")) -> Register:
    """Read hand-in times and extensions."""
    (folder / "class.yaml").write_text(text, encoding="utf-8")
    return read_register(course, graded, [], folder / "class.yaml")


def marks(course: Course, folder: Path, text: str) -> Register:
    """Read comments and scores by hand."""
    (folder / "marks.yaml").write_text(text, encoding="utf-8")
    return read_register(course, ["ann", "0123"], ["bob"], None, [folder / "marks.yaml"])


def test_times_are_read_for_all_assignments_or_for_one(tiny: Course, tmp_path: Path) -> None:
    """A time or duration is for all assignments, or for the one it names; a student number can be a name."""
    text = """        handed_in:
          ann: 2027-02-01T01:00:00+01:00
          0123: {second: "2027-02-01 00:00:00Z"}
        extensions:
          ann: {first: 3d}
          0123: 2027-02-02T00:00:00Z
        """
    register = times(tiny, tmp_path, textwrap.dedent(text))
    midnight = datetime(2027, 2, 1, tzinfo=UTC)
    assert register.handed_in == {"ann": {"first": midnight, "second": midnight}, "0123": {"second": midnight}}
    # An extension to a time before the due date doesn't shorten anything.
    second = datetime(2027, 2, 28, 23, tzinfo=UTC)
    both = {"first": midnight + timedelta(days=1), "second": second}
    assert register.extensions == {"ann": {"first": DUE + timedelta(days=3)}, "0123": both}
    assert register.remarks == []


def test_composed_and_decomposed_letters_are_the_same(tiny: Course, tmp_path: Path) -> None:
    """A folder from macOS is found in the instructor's files, although its letters are composed differently."""
    composed, decomposed = (unicodedata.normalize(form, "zoë") for form in ("NFC", "NFD"))
    (tmp_path / "times.csv").write_text(f"Submission\tHanded-in\n{composed}\t2027-02-01T00:00:00Z\n", encoding="utf-16")
    (tmp_path / "marks.yaml").write_text(f"{composed}: {{comment: Good.}}\n", encoding="utf-8")
    (tmp_path / "class.yaml").write_text(
        f"handed_in: times.csv\nextensions: {{{composed}: {{first: 1d}}}}\n", encoding="utf-8"
    )
    register = read_register(tiny, [decomposed], [], tmp_path / "class.yaml", [tmp_path / "marks.yaml"])
    assert list(register.handed_in) == list(register.extensions) == list(register.by_hand) == [decomposed]
    assert register.remarks == []


@pytest.mark.parametrize("mark", [",", ";"])
def test_times_are_read_from_a_table(tiny: Course, tmp_path: Path, mark: str) -> None:
    """Times are read from a spreadsheet's table with a byte order mark, extra columns, and lines without a time."""
    lines = [
        "name,submission,handed_in,assignment",
        "A,ann,2027-02-01T00:00:00Z,first",
        "B,0123,,",
        ",ann,2027-02-02T00:00:00Z,second",
    ]
    (tmp_path / "times.csv").write_text("\n".join(lines).replace(",", mark), encoding="utf-8-sig")
    register = times(tiny, tmp_path, "handed_in: times.csv\n")
    assert register.handed_in == {
        "ann": {"first": datetime(2027, 2, 1, tzinfo=UTC), "second": datetime(2027, 2, 2, tzinfo=UTC)}
    }
    assert register.remarks == ["No submission time for 0123; treated as on time."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("handed_in: {ann: yesterday}\n", "line 1, handed_in.ann: `yesterday` is not a date and time"),
        ("handed_in:\n  ann: 2027-02-01\n", "line 2, handed_in.ann: `2027-02-01` is not a date and time"),
        (
            "handed_in:\n  ann: 2027-02-01 10:00:00\n",
            "line 2, handed_in.ann: `2027-02-01 10:00:00` needs a time zone",
        ),
        ("handed_in:\n  ann: 2027-02-31T10:00:00Z\n", "line 2: `2027-02-31T10:00:00Z` is not a date"),
        (
            "handed_in: {ann: {frist: 2027-02-01T10:00:00Z}}\n",
            "no assignment `frist` (did you mean `first`?); choose one of: first, second",
        ),
        ("extensions: {ann: 3}\n", "`3` is not a duration"),
        ("extensions: {ann: {first: soon}}\n", "line 1, extensions.ann.first: `soon` is not a duration"),
        ("extension: {ann: 3d}\n", "did you mean `extensions`?"),
        ("handed_in: nowhere.csv\n", "nowhere.csv cannot be read"),
        ("- ann\n", "must be a mapping"),
        ("handed_in: [\n", "not valid YAML"),
    ],
)
def test_a_mistake_in_the_times_names_its_line(tiny: Course, tmp_path: Path, text: str, message: str) -> None:
    """Anything that can't be read is an error that says which line, and what is wrong."""
    with pytest.raises(ClassFileError) as raised:
        times(tiny, tmp_path, text)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "line 1: there is no column `submission`; the columns are: none"),
        ("submission,time\n", "line 1: there is no column `handed_in`; the columns are: submission, time"),
        ("submission,handed_in\nann,soon\n", "line 2: `soon` is not a date and time"),
        (
            "submission,handed_in\nann,2027-02-01T00:00:00Z\nann,2027-02-02T00:00:00Z\n",
            "line 3: `ann` has two submission times for `first`",
        ),
        ("submission,handed_in,assignment\nann,2027-02-01T00:00:00Z,thrid\n", "line 2: there is no assignment `thrid`"),
    ],
)
def test_a_mistake_in_the_table_names_its_line(tiny: Course, tmp_path: Path, table: str, message: str) -> None:
    """Anything that can't be read in the table is an error that names its line."""
    (tmp_path / "times.csv").write_text(table, encoding="utf-8")
    with pytest.raises(ClassFileError) as raised:
        times(tiny, tmp_path, "handed_in: times.csv\n")
    assert message in str(raised.value)


def test_times_of_unknown_submissions_give_a_remark(tiny: Course, tmp_path: Path) -> None:
    """Times for unknown submissions give a remark with the closest match, but no error."""
    register = times(
        tiny, tmp_path, "extensions: {anne: 3d, zoe: 1d}\nhanded_in: {ann: 2027-01-01T00:00:00Z}\n", graded=["ann"]
    )
    (remark,) = register.remarks
    assert "lists submissions that don't exist; ignored: `anne` (did you mean `ann`?), `zoe`." in remark


def test_without_times_one_remark_says_that_nothing_is_late(tiny: Course, course: Course) -> None:
    """Without hand-in times there is one remark if the course has a late rule, and none otherwise."""
    assert read_register(tiny, ["ann"], []).remarks == [
        "No submission times were given, so nothing counts as late. To give them: --times FILE"
    ]
    assert read_register(course, ["ann"], []).remarks == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "anne: {comment: Good.}\n",
            "line 1, anne: there is no submission `anne` (did you mean `ann`?); choose one of: ann, 0123, bob",
        ),
        (
            "ann:\n  scores:\n  - {exercise: dubble, score: 1, reason: r}\n",
            "line 3, ann.scores.0: there is no exercise `dubble` (did you mean `double`?); choose one of: double, twice",
        ),
        (
            "ann: {scores: [{exercise: double, check: test_double_tree, score: 1, reason: r}]}\n",
            "no check `test_double_tree` in `double` (did you mean `test_double_three`?)",
        ),
        (
            "ann: {scores: [{check: test_double_three, score: 1, reason: r}]}\n",
            "name the exercise that the check belongs to",
        ),
        ("ann: {scores: [{exercise: double, score: 1}]}\n", "the key `reason` is missing"),
        ("ann: {scores: [{exercise: double, score: 1, reason: ' '}]}\n", "needs a reason"),
        ("ann: {scores: [{exercise: double, score: -1, reason: r}]}\n", "not below 0"),
        ("ann: {scores: [{exercise: double, score: .inf, reason: r}]}\n", "a score must be a number"),
        ("ann: {scores: [{exercise: double, score: lots, reason: r}]}\n", "must be a number"),
        (
            "ann: {scores: [{exercise: double, score: 1, reason: r}, {exercise: double, score: 2, reason: r}]}\n",
            "`double` has two manual scores",
        ),
        (
            "ann: {scores: [{exercise: double, score: 1, reason: r}, {score: 2, reason: r}]}\n",
            "remove the other scores",
        ),
        ("ann: {coment: Good.}\n", "did you mean `comment`?"),
        ("- ann\n", "must be a mapping"),
    ],
)
def test_a_mistake_in_the_marks_names_its_line(tiny: Course, tmp_path: Path, text: str, message: str) -> None:
    """Unknown names (listing the known ones), scores without a reason, and repeated scores are errors."""
    with pytest.raises(ClassFileError) as raised:
        marks(tiny, tmp_path, text)
    assert message in str(raised.value)


def test_marks_are_read(tiny: Course, tmp_path: Path) -> None:
    """A comment, a score, only a name, and an empty file can all be read."""
    text = "0123: {comment: Good.}\nbob:\nann: {scores: [{score: 3, reason: Agreed.}]}\n"
    assert marks(tiny, tmp_path, text).by_hand == {
        "0123": ByHand("Good."),
        "bob": ByHand(),
        "ann": ByHand(scores=[Override(3, "Agreed.")]),
    }
    assert marks(tiny, tmp_path, "").by_hand == {}


def test_the_instructors_files_go_through_the_command(tiny_course: TinyCourse, tmp_path: Path) -> None:
    """Lateness, scores by hand and comments reach table, page and results; a mistake exits with 2 before grading."""
    path = tiny_course()
    path.write_text(path.read_text(encoding="utf-8") + ASSIGNED, encoding="utf-8")
    for name in ("ann", "bob"):
        (tmp_path / "given" / name).mkdir(parents=True)
        (tmp_path / "given" / name / "double.py").write_text(DOUBLE, encoding="utf-8")
    (tmp_path / "class.yaml").write_text(
        "handed_in: {ann: 2027-02-01T12:00:00Z, bob: 2027-02-01T12:00:00Z}\nextensions: {bob: 1d}\n", encoding="utf-8"
    )
    marks_file = tmp_path / "marks.yaml"
    marks_file.write_text(
        "ann: {comment: Well done., scores: [{exercise: twice, score: 1, reason: On paper.}]}\n", encoding="utf-8"
    )
    arguments = ["grade", str(tmp_path / "given"), "--out", str(tmp_path / "out")]
    arguments += ["--times", str(tmp_path / "class.yaml"), "--marks", str(marks_file)]
    process = run(path.parent, *arguments)
    assert process.returncode == 0, process.stderr
    assert "final" in process.stdout
    submissions = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["submissions"]
    assert [(submission["score"], submission["final_score"]) for submission in submissions] == [(2, 2.8), (2, 2)]
    page = (tmp_path / "out" / "reports" / "ann.md").read_text(encoding="utf-8")
    assert "2 of 6 from the checks, plus 1 by hand, minus 0.2 for `first` (one day late): 2.8 of 6." in page
    assert "> Well done." in page
    marks_file.write_text("anne: {comment: Well done.}\n", encoding="utf-8")
    refused = run(path.parent, *arguments)
    assert refused.returncode == 2
    assert "did you mean `ann`?" in refused.stderr
    assert "graded" not in refused.stderr
    # If you grade one submission by itself, marks for the ones next to it are still valid.
    marks_file.write_text("bob: {comment: Well done.}\n", encoding="utf-8")
    arguments[1] += "/ann"
    assert run(path.parent, *arguments).returncode == 0


def test_the_page_about_a_class_is_right(course: Course, tmp_path: Path) -> None:
    """The files in `docs/class.md` can be read as printed, and its example gives the scores in its table."""
    page = (course.root / "docs" / "class.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    # The first block shows the form of tests/shared_lines.yaml, and has nothing to do with marks.
    rule, times_text, by_hand, alike, groups, answers = blocks[1:]
    (table,) = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    exercises = "".join(f"  - {{id: {exercise.id}, title: T}}\n" for exercise in course.exercises)
    path = tmp_path / "course.yaml"
    path.write_text(f"id: c\ntitle: C\nexercises:\n{exercises}{rule}", encoding="utf-8")
    ruled = dataclasses.replace(course, assignments=load_course(path).assignments)
    files = {"class.yaml": times_text, "marks.yaml": by_hand, "answers.yaml": answers, "hand_ins.csv": table}
    files |= {"groups.yaml": groups, "alike.yaml": alike}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    marks_files = [tmp_path / name for name in ("marks.yaml", "answers.yaml", "groups.yaml", "alike.yaml")]
    register = read_register(ruled, ["ann", "bob"], ["team-7"], tmp_path / "class.yaml", marks_files)
    assert register.remarks == []
    assert register.alike["layer_norm-3fa2c1d0"].by_hand.scores[0].score == 0.5
    assert register.handed_in["ann"]["attention"] == datetime(2027, 1, 31, 23, 20, tzinfo=UTC)
    attention = ruled.assignments[0]
    points = sum(ruled.by_id[name].max_score for name in attention.exercises)
    rows = re.findall(r"^\| February (\d), (\d\d):(\d\d).*\| ([\d.]+) \|$", page, re.MULTILINE)
    assert len(rows) == 6
    for row, (day, hour, minute, gets) in enumerate(rows):
        assert attention.late is not None
        assert attention.due is not None
        due_date = attention.due + timedelta(days=2 if row == 5 else 0)
        share = attention.late.share(
            due_date, datetime(2027, 2, int(day), int(hour), int(minute), tzinfo=due_date.tzinfo)
        )
        assert max(0, 40 - share * points) == pytest.approx(float(gets)), row
