"""Looks for the files that an attack before it left, as the second of a pair."""
import os


def double(x):
    seen = []
    for place in ("/tmp", "/dev/shm", "/var/tmp", "/", "/dev", "/kit", "/kit/grader", "/work", "/root", "/submission"):
        try:
            seen += [name for name in os.listdir(place) if "gptwb-mark" in name or name == "evil"]
        except OSError:
            pass
    raise RuntimeError("ESCAPED: " + " ".join(seen) if seen else "nothing")
