"""The doctor: what an installation has and lacks, in words, and what to type."""

from grader.doctor.installation import complain, examine

__all__ = ["complain", "examine"]
