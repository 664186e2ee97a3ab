"""The capstone of this course: a GPT made of the learner's modules, trained on a text whose entropy is known."""

from capstone.small import USES as SMALL_RUN_USES
from capstone.small import small_run
from capstone.work import look_at, run

__all__ = ["SMALL_RUN_USES", "look_at", "run", "small_run"]
