"""How a learner's code is reached: one port, two transports.

A check talks to a `Port`. The port turns what the check asks into requests of plain data, a transport takes them to
the far side, and the far side is where the learner's objects live: in this process for `pytest` and `pdb`, in a
process of its own when a grade is at stake. What comes back is plain data again.
"""

from grader.learner.workspace import Workspace
from grader.port.port import (
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
from grader.port.transport import InProcess, OtherProcess, Transport
from grader.wire.plain import Opaque, Plain

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
