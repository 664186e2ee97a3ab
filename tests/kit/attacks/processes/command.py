"""Starts other programs by every way there is."""
# naive: left behind
import os
import subprocess

COMMAND = ["/bin/sh", "-c", "touch ${TMPDIR:-/tmp}/gptwb-mark-command; sleep 60"]
for attempt in (
    lambda: subprocess.Popen(COMMAND, start_new_session=True),
    lambda: os.posix_spawn(COMMAND[0], COMMAND, os.environ) if os.path.isdir("/submission") else None,
    lambda: os.system(COMMAND[2] + " &") if os.path.isdir("/submission") else None,
):
    try:
        attempt()
    except OSError:
        pass


def double(x):
    return 0.0
