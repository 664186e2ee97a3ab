"""Our own errors, one class for each kind of problem. Every message ends with what to do next."""

from __future__ import annotations


class GraderError(Exception):
    """Something is wrong with the course, the call or the grader, not with a learner's code."""


class CourseError(GraderError):
    """`course.yaml`, or a file that it refers to, is wrong."""


class UsageError(GraderError):
    """A command or a function was asked for something that doesn't exist, or for things that exclude each other."""


class MissingPackage(GraderError):
    """A package that the command needs is not installed."""


class ClassFileError(GraderError):
    """One of the instructor's own files about the class is wrong."""


class BadArchive(GraderError):
    """A zip archive cannot be read; the message is the rest of a sentence that names the archive: "it is damaged"."""


class CollectError(GraderError):
    """A platform's download cannot be collected."""


class NoSubmissions(GraderError):
    """There is nothing to grade at the path given."""


class StaleFiles(GraderError):
    """Generated files don't match their sources."""


class NoReference(GraderError):
    """A check asks for the reference, but there is no `solutions/` folder."""


class SameName(GraderError):
    """Two submissions have the same id."""


class NoSandbox(GraderError):
    """A sandbox was required, but this machine has none."""


class GraderFailed(GraderError):
    """A grader process ended before its work was done."""


class LongPath(GraderError):
    """The path of the folder for temporary files is too long for a socket in it."""


class RosterError(GraderError):
    """The roster is wrong."""


class UnknownFormat(GraderError):
    """Results were asked for in a format that doesn't exist."""


class NotWritten(GraderError):
    """A file cannot be written: the disk is full, for example, or the folder may only be read."""


class NotCollected(GraderError):
    """The checks of an exercise can't be collected, because a file of the course can't be imported."""


class NoCluster(GraderError):
    """The cluster cannot be reached."""


class StateError(GraderError):
    """The grader's record of a learner's progress is damaged."""


class NoCheckpoint(GraderError):
    """No code has passed that the learner could go back to."""


class NoStub(GraderError):
    """There is no stub to reset an exercise to."""


class NoHints(GraderError):
    """A hint was asked for, but there is none, or the course gives none."""


class SolutionWithheld(GraderError):
    """An answer was asked for that the course doesn't show, doesn't show yet, or doesn't contain."""


class NotWatching(GraderError):
    """There are no files to watch, or the process that runs their checks cannot start."""


class NoPicture(GraderError):
    """The exercise has no pictures."""


class NothingToShow(GraderError):
    """A learner's module doesn't do what a picture would show."""


class BrokenPages(GraderError):
    """A page of the site is wrong: it has a broken link, for example."""


class NotASite(GraderError):
    """The site would replace a folder that isn't a site."""
