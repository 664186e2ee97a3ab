"""Handing in: one archive with a manifest and a receipt, and the check of all three when it arrives.

`choice` finds what is handed in, `work` reads the files, `checking` runs the visible checks as grading does, and
`causes` says why an exercise will fail. `cautions` and `deadlines` warn, `archive` writes the archive, and `manifest`
defines what it says about itself. `delivery` and `receipts` are for whoever gets the archive.
"""

from grader.handin.manifest import Manifest, schema_text
from grader.handin.receipts import RECEIPTS_FILE, Receipt, receipts_of_files, receipts_of_submission, verify
from grader.handin.steps import HandedIn, HandInRequest, hand_in
from grader.handin.version import version_of

__all__ = [
    "RECEIPTS_FILE",
    "HandInRequest",
    "HandedIn",
    "Manifest",
    "Receipt",
    "hand_in",
    "receipts_of_files",
    "receipts_of_submission",
    "schema_text",
    "verify",
    "version_of",
]
