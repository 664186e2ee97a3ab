"""Looks for other submissions next to its own, by file and by module name."""
# naive: secret
import os
import re
import sys

found = set()
for root in (".", "..", os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))):
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in ("proc", "sys", "usr", "lib", "lib64", "work", "root")]
        for name in files:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    found |= set(re.findall(b"planted-[a-z]+-[0-9a-f]{16}", file.read(100_000)))
            except OSError:
                pass
names = [name for name in sys.modules if name.startswith("submission_")]


def double(x):
    raise RuntimeError(" ".join([*(one.decode() for one in sorted(found)), *names]))
