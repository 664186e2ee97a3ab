"""The grader: it runs the checks of a course on a learner's code and says in words what is wrong.

Every process that runs a learner's code imports this file, so it imports nothing: `grader.grade` and the other names
are looked up in `grader.api` when they are first asked for. `docs/api.md` shows them at work.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.api import (
        Adjustment,
        BuiltinsUsed,
        CheckResult,
        Course,
        CourseInfo,
        ExerciseResult,
        FailsTogether,
        GradedVersion,
        GraderError,
        Lateness,
        MemberResult,
        Notice,
        Question,
        Results,
        RubricItem,
        SubmissionResult,
        Written,
        grade,
        load_course,
        write_reports,
    )

__version__ = "0.1.0"
__all__ = [
    "Adjustment",
    "BuiltinsUsed",
    "CheckResult",
    "Course",
    "CourseInfo",
    "ExerciseResult",
    "FailsTogether",
    "GradedVersion",
    "GraderError",
    "Lateness",
    "MemberResult",
    "Notice",
    "Question",
    "Results",
    "RubricItem",
    "SubmissionResult",
    "Written",
    "__version__",
    "grade",
    "load_course",
    "write_reports",
]

# A type checker sees the imports above, and nothing that is not among them.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        import grader.api

        return getattr(grader.api, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
