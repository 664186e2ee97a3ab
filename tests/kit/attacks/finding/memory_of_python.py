"""Looks through every object that the garbage collector knows, and every module, for the secret."""
# naive: secret
import gc
import re
import sys

found = set()
for thing in [*gc.get_objects(), *sys.modules.values()]:
    values = thing.values() if type(thing) is dict else getattr(thing, "__dict__", {}).values()
    for value in list(values):
        if type(value) in (str, bytes):
            text = value if type(value) is str else value.decode("latin-1")
            found |= set(re.findall("planted-[a-z]+-[0-9a-f]{16}", text))


def double(x):
    raise RuntimeError(" ".join(sorted(found)))
