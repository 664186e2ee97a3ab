"""Students' questions about checks: the file in which they are handed in, and the answers in the instructor's marks.

`file` defines what `grader ask` writes; `arrived` reads it from a submission, which may hold anything, and `answered`
puts the instructor's answers next to the questions.
"""

from grader.grading.questions.answered import with_questions
from grader.grading.questions.arrived import take_questions
from grader.grading.questions.file import QUESTIONS_FILE, Asked, BadQuestions, decoded, encoded, within_limits

__all__ = [
    "QUESTIONS_FILE",
    "Asked",
    "BadQuestions",
    "decoded",
    "encoded",
    "take_questions",
    "with_questions",
    "within_limits",
]
