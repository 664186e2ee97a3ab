"""How checks reach a learner's code: one port, two transports.

A check talks to a `Port`. The port turns each call into a request of plain data, and a transport takes it to the far
side, where the learner's objects live: in this process for `pytest` and `pdb`, in a separate process for a grade. The
reply is plain data again.
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
