"""Diagnosis: which known mistake explains what a learner's code answered.

`answers` says how answers are compared, `cases` what is asked and written down, `shelf` holds the misconceptions
themselves, `diagnose` names those that agree, and `select` chooses the cases that are worth writing down.
"""

from grader.diagnosis.cases import Case, CaseBook, Said, case_from_json, case_of, case_to_json, load, save
from grader.diagnosis.diagnose import Diagnoser, Diagnosis, Examination, Findings
from grader.diagnosis.select import is_stale, make_books, with_sentences

__all__ = [
    "Case",
    "CaseBook",
    "Diagnoser",
    "Diagnosis",
    "Examination",
    "Findings",
    "Said",
    "case_from_json",
    "case_of",
    "case_to_json",
    "is_stale",
    "load",
    "make_books",
    "save",
    "with_sentences",
]
