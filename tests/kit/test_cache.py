"""The cache: what was already graded isn't graded again, unless something changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from grader.course import Course, load_course, narrowed
from grader.grading import Cache, GraderPool, Submission, grade_the_rest
from grader.grading.cache import KEPT
from grader.grading.results import SubmissionResult

DOUBLE = b"def double(x):\n    return 2 * x\n"
TWICE = b"from .double import double\n\ndef twice(x):\n    return double(double(x))\n"
ANN = Submission("ann", {"double": DOUBLE, "twice": TWICE}, ("A note.",))
BEN = Submission("ben", {"double": b"def double(x):\n    return x\n"}, ())


class Counting(GraderPool):
    """Grader processes that record what they're given."""

    def __init__(self, course: Course, given: list[tuple[str, list[str]]]) -> None:
        super().__init__(course, 1)
        self.given = given

    def grade(
        self, submissions: list[Submission], done: Callable[[SubmissionResult], None] = lambda result: None
    ) -> list[SubmissionResult]:
        """Grade submissions."""
        self.given += [(submission.id, sorted(submission.exercises or ())) for submission in submissions]
        return super().grade(submissions, done)


@pytest.fixture
def grading(tiny_course: Callable[..., Path], tmp_path: Path) -> Callable[..., tuple[list[SubmissionResult], list]]:
    """Return a function that grades with the cache and returns what had to be graded."""

    def grade(*submissions: Submission, sandboxed: bool = False, **changed: str) -> tuple[list[SubmissionResult], list]:
        course = load_course(tiny_course(**changed))
        given: list[tuple[str, list[str]]] = []
        with Counting(course, given) as graders:
            return grade_the_rest(Cache(tmp_path, course, sandboxed), graders, submissions), given

    return grade


def test_what_is_known_is_not_graded_again(grading: Callable[..., tuple]) -> None:
    """A second run grades nothing and gives the same results; of a class with one new submission, it grades only that."""
    first, given = grading(ANN, BEN)
    assert given == [("ann", ["double", "twice"]), ("ben", ["double", "twice"])]
    again, given = grading(ANN, BEN)
    assert (again, given) == (first, [])
    resubmitted = Submission("ben", {"double": DOUBLE}, ())
    (ann, ben), given = grading(ANN, resubmitted)
    assert given == [("ben", ["double", "twice"])]
    assert ann == first[0]
    assert ben.score > first[1].score


def test_a_changed_exercise_is_graded_alone(
    grading: Callable[..., tuple], tiny_course: Callable[..., Path], tmp_path: Path
) -> None:
    """If the checks of an exercise change, it is graded again with what it needs, with the same result as a fresh run."""
    grading(ANN)
    path = tiny_course().parent / "tests" / "visible" / "test_double.py"
    text = path.read_text(encoding="utf-8")
    changed = {"tests__visible__test_double_dot_py": text.replace('"""', '"""Now: ', 1)}
    (ann,), given = grading(ANN, **changed)
    assert given == [("ann", ["double", "twice"])]
    twice = tiny_course().parent / "tests" / "visible" / "test_twice.py"
    changed["tests__visible__test_twice_dot_py"] = twice.read_text(encoding="utf-8") + "\n\n# A word more.\n"
    (ann,), given = grading(ANN, **changed)
    assert given == [("ann", ["double", "twice"])]
    assert ann.notes == ["A note."]


def test_an_exercise_that_nothing_needs_is_graded_alone(
    grading: Callable[..., tuple], tiny_course: Callable[..., Path]
) -> None:
    """Results that don't depend on a change are kept."""
    course = tiny_course().read_text(encoding="utf-8").replace("        needs: [double]\n", "")
    course = course.replace("    needs: [double]\n", "")
    (before,), _ = grading(ANN, course_dot_yaml=course)
    twice = (tiny_course().parent / "tests" / "visible" / "test_twice.py").read_text(encoding="utf-8")
    changed = {"course_dot_yaml": course, "tests__visible__test_twice_dot_py": twice + "\n\n# A word more.\n"}
    (after,), given = grading(ANN, **changed)
    assert given == [("ann", ["twice"])]
    assert after == before


def test_a_draft_changes_no_key(grading: Callable[..., tuple], tiny_course: Callable[..., Path]) -> None:
    """Changing a draft's files never causes a submission to be graded again; finishing a draft causes only it to be graded."""
    first, _ = grading(ANN)
    listed = tiny_course().read_text(encoding="utf-8") + "  - {id: thrice, title: Thrice, draft: true}\n"
    draft = {"course_dot_yaml": listed, "tests__visible__test_thrice_dot_py": "not Python yet"}
    again, given = grading(ANN, **draft)
    assert (again, given) == (first, [])
    draft["tests__visible__test_thrice_dot_py"] = 'def test_thrice(learner):\n    """Three times 1 is 3."""\n'
    draft["solutions__thrice_dot_py"] = "def thrice(x):\n    return 3 * x\n"
    again, given = grading(ANN, **draft)
    assert (again, given) == (first, [])
    finished = draft | {"course_dot_yaml": listed.replace(", draft: true", "")}
    assert [names for _, names in grading(ANN, **finished)[1]] == [["thrice"]]


def test_a_broken_file_is_as_none(grading: Callable[..., tuple], tmp_path: Path) -> None:
    """A damaged entry is graded again and rewritten."""
    first, _ = grading(ANN)
    for path in (tmp_path / KEPT).iterdir():
        path.write_bytes(path.read_bytes()[:100])
    again, given = grading(ANN)
    assert again == first
    assert len(given) == 1
    assert grading(ANN)[1] == []


def test_where_walls_are_required_only_what_was_graded_behind_them_counts(
    grading: Callable[..., tuple], tmp_path: Path
) -> None:
    """A result from a run without a sandbox isn't used for a run with one."""
    grading(ANN)
    for path in (tmp_path / KEPT).iterdir():
        kept = msgspec.json.decode(path.read_bytes())
        path.write_bytes(msgspec.json.encode({name: entry | {"sandboxed": False} for name, entry in kept.items()}))
    assert grading(ANN)[1] == []
    assert len(grading(ANN, sandboxed=True)[1]) == 1


def test_what_the_grader_spoilt_is_not_kept(tiny_course: Callable[..., Path], tmp_path: Path) -> None:
    """A result with a fault of the grader is returned, and graded again next time."""
    course = load_course(tiny_course())
    cache = Cache(tmp_path, course)
    with GraderPool(course, 1) as graders:
        (result,) = graders.grade([ANN])
    spoilt = msgspec.structs.replace(result, fault=True)
    assert cache.put(ANN, spoilt, ANN) == spoilt
    assert cache.get(ANN) is None
    cache.put(ANN, result, ANN)
    assert cache.get(ANN) == result


def test_points_and_titles_run_nothing(grading: Callable[..., tuple], tiny_course: Callable[..., Path]) -> None:
    """After a change of points, titles or rules for scores, kept results are scored again, and nothing is graded."""
    (before,), _ = grading(ANN)
    course = tiny_course().read_text(encoding="utf-8")
    changed = course.replace("title: Twice", "title: Fourfold").replace("test_twice_four: 3", "test_twice_four: 7")
    claims = "twice: {test_twice_four: [test_twice_gives_a_float]}\n"
    (after,), given = grading(ANN, course_dot_yaml=changed)
    assert given == []
    assert (before.max_score, after.max_score) == (6, 10)
    assert after.score == after.max_score
    assert [check.points for check in after.exercises["twice"].checks] == [7, 1]
    (after,), given = grading(ANN, course_dot_yaml=changed, tests__claims_dot_yaml=claims)
    assert given == []
    assert [check.points for check in after.exercises["twice"].checks] == [3.5, 3.5]


def test_a_part_of_a_submission_is_kept_for_the_whole(tiny_course: Callable[..., Path], tmp_path: Path) -> None:
    """What was graded of one exercise isn't graded again with the others, and the other way round."""
    course = load_course(tiny_course())
    given: list[tuple[str, list[str]]] = []
    with Counting(course, given) as graders:
        part = narrowed(course, ["double"])
        only = replace(ANN, exercises=frozenset(part.by_id))
        (result,) = grade_the_rest(Cache(tmp_path, part), graders, [only])
        assert list(result.exercises) == ["double"]
        (whole,) = grade_the_rest(Cache(tmp_path, course), graders, [ANN])
        assert list(whole.exercises) == ["double", "twice"]
        assert grade_the_rest(Cache(tmp_path, part), graders, [only]) == [result]
    assert given == [("ann", ["double"]), ("ann", ["double", "twice"])]
