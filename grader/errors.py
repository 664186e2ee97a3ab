"""Our own errors: one class per fault. Each message ends with what to do next."""

from __future__ import annotations


class GraderError(Exception):
    """Something is wrong on our side of the table: with the course or the call, not with a learner's code."""


class CourseError(GraderError):
    """`course.yaml`, or what it refers to, is not as it should be."""


class UsageError(GraderError):
    """A command or a function was asked for what is not there, or for things that exclude each other."""


class MissingPackage(GraderError):
    """What was asked for needs a package that is not installed."""


class ClassFileError(GraderError):
    """One of the instructor's own files about the class is not as it should be."""


class NoSubmissions(GraderError):
    """There is nothing to grade at the path given."""


class StaleFiles(GraderError):
    """Generated files do not agree with their sources."""


class NoReference(GraderError):
    """A check asks for the reference, and there is no `solutions/` folder here."""


class SameName(GraderError):
    """Two submissions have the same id."""


class NoSandbox(GraderError):
    """A sandbox was required, and there is none on this machine."""


class GraderFailed(GraderError):
    """A process that runs checks ended before its work was done."""


class LongPath(GraderError):
    """The folder for temporary files has a path that is too long for what has to be made in it."""


class RosterError(GraderError):
    """The roster is not as it should be."""


class UnknownFormat(GraderError):
    """Results were asked for in a form that there is none of."""


class NoCluster(GraderError):
    """The cluster that was named cannot be reached."""


class StateError(GraderError):
    """What the grader remembers of a learner's way is not as it was written."""


class NoCheckpoint(GraderError):
    """There is no code that passed to go back to."""


class NoStub(GraderError):
    """There is nothing that an exercise could be set back to."""


class NoHints(GraderError):
    """A hint was asked for, and there is none, or there are to be none."""


class SolutionWithheld(GraderError):
    """An answer was asked for that is not to be seen, not yet or not here."""


class NotWatching(GraderError):
    """There are no files to watch, or the process that runs their checks cannot begin."""


class NoPicture(GraderError):
    """Nothing draws the exercise that was named."""


class NothingToShow(GraderError):
    """A learner's module does not do what a picture would show."""


class BrokenPages(GraderError):
    """A page of the site has a fault, such as a link that leads nowhere."""


class NotASite(GraderError):
    """The site was to be built in the place of something else."""
