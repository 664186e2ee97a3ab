"""How a learner's code is reached: one port, two transports.

A check talks to a `Port`. The port turns what the check asks into requests of plain data, a transport takes them to
the far side, and the far side is where the learner's objects live: in this process for `pytest` and `pdb`, in a
process of its own when a grade is at stake. What comes back is plain data again.
"""

from typing import TYPE_CHECKING

from grader.lazy import offering

if TYPE_CHECKING:
    from grader.learner.plain import Opaque, Plain
    from grader.learner.port import (
        Deadline,
        Gradients,
        Handle,
        LearnerError,
        LearnerMisfit,
        LearnerMissing,
        LearnerRaised,
        LearnerStopped,
        NotStarted,
        ParameterInfo,
        Port,
    )
    from grader.learner.transport import InProcess, OtherProcess, Transport
    from grader.learner.workspace import Workspace

__all__ = [
    "Deadline",
    "Gradients",
    "Handle",
    "InProcess",
    "LearnerError",
    "LearnerMisfit",
    "LearnerMissing",
    "LearnerRaised",
    "LearnerStopped",
    "NotStarted",
    "Opaque",
    "OtherProcess",
    "ParameterInfo",
    "Plain",
    "Port",
    "Transport",
    "Workspace",
]
__getattr__ = offering(
    __name__,
    {
        "Deadline": ".port",
        "Gradients": ".port",
        "Handle": ".port",
        "InProcess": ".transport",
        "LearnerError": ".port",
        "LearnerMisfit": ".port",
        "LearnerMissing": ".port",
        "LearnerRaised": ".port",
        "LearnerStopped": ".port",
        "NotStarted": ".port",
        "Opaque": ".plain",
        "OtherProcess": ".transport",
        "ParameterInfo": ".port",
        "Plain": ".plain",
        "Port": ".port",
        "Transport": ".transport",
        "Workspace": ".workspace",
    },
)
