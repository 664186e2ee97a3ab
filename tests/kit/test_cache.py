"""The cache: what was already graded isn't graded again, unless something changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from grader.course import Course, load_course, narrowed
from grader.grading import Cache, GraderPool, Submission, grade_the_rest
from grader.grading.by_content import contents
from grader.grading.cache import KEPT
from grader.grading.results import SubmissionResult

DOUBLE = b"def double(x):\n    return 2 * x\n"
TWICE = b"from .double import double\n\ndef twice(x):\n    return double(double(x))\n"
ANN = Submission("ann", {"double": DOUBLE, "twice": TWICE}, ("A note.",))
BEN = Submission("ben", {"double": b"def double(x):\n    return x\n"}, ())


class Counting(GraderPool):
    """Grader processes that record which exercises they're given."""

    def __init__(self, course: Course, given: list[str], faulty: bool = False) -> None:
        super().__init__(course, 1)
        self.given, self.faulty = given, faulty

    def grade(
        self, submissions: Sequence[Submission], done: Callable[[SubmissionResult], None] = lambda result: None
    ) -> list[SubmissionResult]:
        """Grade submissions."""
        self.given += [name for submission in submissions for name in sorted(submission.exercises or ["all"])]
        spoil = {"fault": True} if self.faulty else {}
        return super().grade(submissions, lambda result: done(msgspec.structs.replace(result, **spoil)))


@pytest.fixture
def grading(tiny_course: Callable[..., Path], tmp_path: Path) -> Callable[..., tuple[list[SubmissionResult], list]]:
    """Return a function that grades with the cache and returns what had to be graded."""

    def grade(
        *submissions: Submission, sandboxed: bool = False, faulty: bool = False, **changed: str
    ) -> tuple[list[SubmissionResult], list[str]]:
        course = load_course(tiny_course(**changed))
        given: list[str] = []
        with Counting(course, given, faulty) as graders:
            return grade_the_rest(Cache(tmp_path, course, sandboxed), graders, submissions), given

    return grade


def test_what_is_known_is_not_graded_again(grading: Callable[..., tuple]) -> None:
    """A second run grades nothing and gives the same results; of a changed submission, it grades what the change reaches."""
    first, given = grading(ANN, BEN)
    assert sorted(given) == ["double", "double", "twice", "twice"]
    again, given = grading(ANN, BEN)
    assert (again, given) == (first, [])
    resubmitted = replace(ANN, sources={"double": DOUBLE, "twice": TWICE + b"# Better.\n"})
    (ann, ben), given = grading(resubmitted, BEN)
    assert given == ["twice"]
    assert (ann.score, ben) == (first[0].score, first[1])
    resubmitted = replace(ANN, sources={"double": DOUBLE + b"# Better.\n", "twice": TWICE})
    assert grading(resubmitted, BEN)[1] == ["double", "twice"]


def test_what_others_handed_in_is_not_graded_again(grading: Callable[..., tuple]) -> None:
    """The same module is graded once, in one run and over several; each submission keeps its own id and notes."""
    carl = Submission("carl", {"double": DOUBLE, "twice": TWICE}, ())
    dana = Submission("dana", {"double": DOUBLE}, ("Something else.",))
    (ann, other), given = grading(ANN, carl)
    assert given == ["double", "twice"]
    assert (ann.notes, other.notes, ann.exercises) == (["A note."], [], other.exercises)
    (third,), given = grading(dana)
    assert given == ["twice"]
    assert (third.id, third.notes, third.exercises["double"]) == ("dana", ["Something else."], ann.exercises["double"])
    assert third.exercises["twice"].status == "not_started"


def test_what_can_not_be_reached_is_not_there(tiny_course: Callable[..., Path]) -> None:
    """An exercise is graded with the modules that it needs or names, directly or through others, and with no others."""
    course = load_course(tiny_course())

    def reached(exercise: str, **sources: bytes) -> set[str]:
        helpers = {name: sources.pop(name) for name in ("more", "other") if name in sources}
        content = contents(course, Submission("ann", sources, ("A note.",), helpers=helpers))[exercise]
        return {*content.sources, *content.helpers}

    assert reached("double", double=DOUBLE, twice=TWICE) == {"double"}
    assert reached("twice", double=DOUBLE, twice=b"") == {"double", "twice"}
    assert reached("double", double=b"import twice", twice=b"", more=b"") == {"double", "twice"}
    assert reached("double", double=b"import more", more=b"from .other import x", other=b"") == {
        "double",
        "more",
        "other",
    }
    assert reached("double", double=b"import_module('twice')", twice=b"") == {"double", "twice"}
    assert reached("double", double=b"from previous_chapters import x", twice=b"") == {"double", "twice"}
    assert reached("double", double=b"from . import *", twice=b"") == {"double", "twice"}
    assert reached("double", double=b"x = 1; import \\\n twice", twice=b"") == {"double", "twice"}
    assert reached("double", double=b"def f(twice):\n  return twice", twice=b"") == {"double"}
    assert reached("double", double=b"x = _module('utils', '\\nfrom twice import y')", twice=b"") == {"double", "twice"}
    assert reached("double", double=b"from . import (  # (all)\n  twice,\n)", twice=b"") == {"double", "twice"}
    assert reached("twice", double=DOUBLE) == set()


def test_the_order_of_modules_is_that_of_the_course(tiny_course: Callable[..., Path]) -> None:
    """What is taken from wherever it is comes from the same module, in whatever order modules were handed in."""
    course = load_course(tiny_course())
    sources = {"twice": TWICE + b"import previous_chapters\n", "double": DOUBLE}
    one = contents(course, Submission("ann", sources, (), helpers={"b": b"", "a": b""}))["twice"]
    other = contents(course, Submission("ben", dict(reversed(sources.items())), (), helpers={"a": b"", "b": b""}))
    assert [*one.sources, *one.helpers] == ["double", "twice", "a", "b"]
    assert other["twice"].id == one.id
    assert [*other["twice"].sources, *other["twice"].helpers] == ["double", "twice", "a", "b"]


HELPED = b"from helpful import more\n\ndef double(x):\n    return more(x)\n"
FROM_ANYWHERE = b"from previous_chapters import double\n\ndef twice(x):\n    return double(double(x))\n"
BOTH_WAYS = b"import twice\n\ndef double(x):\n    return 2 * x\n\ndef unused():\n    return twice.twice(1)\n"


@pytest.mark.parametrize(
    "submission",
    [
        ANN,
        BEN,
        Submission("carl", {"double": HELPED, "twice": TWICE}, (), helpers={"helpful": b"def more(x): return x + x\n"}),
        Submission("dana", {"double": HELPED, "twice": TWICE}, (), helpers={"helpful": b"def more(x): return x\n"}),
        Submission("elsa", {"double": DOUBLE, "twice": FROM_ANYWHERE}, ()),
        Submission("fred", {"double": BOTH_WAYS, "twice": TWICE}, ()),
        Submission("gina", {"double": b"def double(x):\n    return exec('import twice')\n", "twice": TWICE}, ()),
        Submission("hugo", {"twice": TWICE}, ()),
        Submission("ines", {"double": b"def double(x:\n", "twice": TWICE}, ()),
        Submission("jack", {"double": DOUBLE, "twice": TWICE}, (), checks=frozenset(["test_twice_four"])),
    ],
    ids=lambda submission: submission.id,
)
def test_an_exercise_gets_what_it_gets_in_the_whole_submission(
    submission: Submission, tiny_course: Callable[..., Path]
) -> None:
    """What is left out because it can't be reached makes no difference."""
    course = load_course(tiny_course())
    with GraderPool(course, 1) as graders:
        (whole,) = graders.grade([submission])
        assert grade_the_rest(Cache(None, course), graders, [submission]) == [whole]


def test_without_sharing_everybody_is_graded(tiny_course: Callable[..., Path]) -> None:
    """If nothing is shared, the same content is graded for each, with the same result."""
    course = load_course(tiny_course())
    given: list[str] = []
    with Counting(course, given) as graders:
        ann, carl = grade_the_rest(Cache(None, course), graders, [ANN, replace(ANN, id="carl")], share=False)
    assert given == ["double", "twice"] * 2
    assert ann.exercises == carl.exercises


def test_what_nobody_wrote_is_graded_together(tiny_course: Callable[..., Path]) -> None:
    """All exercises that somebody hasn't handed in are one order to the grader processes."""
    course = load_course(tiny_course())
    given: list[str] = []
    with Counting(course, given) as graders:
        results = grade_the_rest(Cache(None, course), graders, [Submission(name, {}, ()) for name in ("ann", "ben")])
    assert given == ["double", "twice"]
    assert {each.status for result in results for each in result.exercises.values()} == {"not_started"}


def test_a_changed_exercise_is_graded_with_those_that_need_it(
    grading: Callable[..., tuple], tiny_course: Callable[..., Path]
) -> None:
    """If the checks of an exercise change, it and those that need it are graded again, and no other."""
    grading(ANN)
    folder = tiny_course().parent / "tests" / "visible"
    double, twice = (folder / f"test_{name}.py" for name in ("double", "twice"))
    changed = {"tests__visible__test_twice_dot_py": twice.read_text(encoding="utf-8") + "\n\n# A word more.\n"}
    (ann,), given = grading(ANN, **changed)
    assert given == ["twice"]
    text = double.read_text(encoding="utf-8")
    changed["tests__visible__test_double_dot_py"] = text.replace('"""', '"""Now: ', 1)
    (ann,), given = grading(ANN, **changed)
    assert given == ["double", "twice"]
    assert ann.notes == ["A note."]


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
    assert grading(ANN, **finished)[1] == ["thrice"]


def test_a_broken_file_is_as_none(grading: Callable[..., tuple], tmp_path: Path) -> None:
    """A damaged entry is graded again and rewritten."""
    first, _ = grading(ANN)
    for path in (tmp_path / KEPT).iterdir():
        path.write_bytes(path.read_bytes()[:100])
    again, given = grading(ANN)
    assert again == first
    assert len(given) == 2
    assert grading(ANN)[1] == []


def test_where_walls_are_required_only_what_was_graded_behind_them_counts(
    grading: Callable[..., tuple], tmp_path: Path
) -> None:
    """A result from a run without a sandbox isn't used for a run with one."""
    grading(ANN)
    for path in (tmp_path / KEPT).iterdir():
        kept = msgspec.json.decode(path.read_bytes())
        path.write_bytes(msgspec.json.encode(kept | {"sandboxed": False}))
    assert grading(ANN)[1] == []
    assert len(grading(ANN, sandboxed=True)[1]) == 2


def test_what_the_grader_spoilt_is_not_kept(grading: Callable[..., tuple]) -> None:
    """A result with a fault of the grader is returned, and graded again next time."""
    (spoilt,), _ = grading(ANN, faulty=True)
    assert spoilt.fault
    (result,), given = grading(ANN)
    assert given == ["double", "twice"]
    assert not result.fault


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
    given: list[str] = []
    with Counting(course, given) as graders:
        part = narrowed(course, ["double"])
        only = replace(ANN, exercises=frozenset(part.by_id))
        (result,) = grade_the_rest(Cache(tmp_path, part), graders, [only])
        assert list(result.exercises) == ["double"]
        (whole,) = grade_the_rest(Cache(tmp_path, course), graders, [ANN])
        assert list(whole.exercises) == ["double", "twice"]
        assert grade_the_rest(Cache(tmp_path, part), graders, [only]) == [result]
    assert given == ["double", "twice"]
