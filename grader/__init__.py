"""The grader of the GPT workbook: it runs checks against a learner's code and says what it found."""

__version__ = "0.1.0"
