"""Collecting: folders, a roster and hand-in times from what a learning platform lets an instructor download."""

from grader.collect.collecting import AUTO, PLATFORMS, CollectOptions, collect
from grader.collect.returning import ReturnOptions, pack_feedback, return_to
from grader.collect.summary import Collected

__all__ = [
    "AUTO",
    "PLATFORMS",
    "CollectOptions",
    "Collected",
    "ReturnOptions",
    "collect",
    "pack_feedback",
    "return_to",
]
