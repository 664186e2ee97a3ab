"""Diagnosis: which known mistake explains the answers of a learner's code.

`leaves` and `answers` define answers and compare them. `cases` asks recorded questions, and reads and writes their
files. `variants` makes modules with known mistakes, `diagnose` names the mistakes that answer as the learner's code
does, and `select` chooses the cases that are worth recording.
"""

from grader.diagnosis.cases import Case, CaseBook, KnownMistake, case_from_json, case_of, case_to_json, load, save
from grader.diagnosis.diagnose import Candidates, Diagnoser, Diagnosis, Examination, Findings
from grader.diagnosis.select import is_stale, make_books, with_sentences

__all__ = [
    "Candidates",
    "Case",
    "CaseBook",
    "Diagnoser",
    "Diagnosis",
    "Examination",
    "Findings",
    "KnownMistake",
    "case_from_json",
    "case_of",
    "case_to_json",
    "is_stale",
    "load",
    "make_books",
    "save",
    "with_sentences",
]
