"""The capstone of this course: a GPT made of the learner's modules, trained on a text whose entropy is known."""

from capstone.work import look_at, run

__all__ = ["look_at", "run"]
