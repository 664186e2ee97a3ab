"""The doctor: check an installation, say what is missing, and what to type."""

from grader.doctor.installation import complain, examine

__all__ = ["complain", "examine"]
