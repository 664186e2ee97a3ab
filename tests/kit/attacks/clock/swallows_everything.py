"""Loops for ever and catches whatever is raised in it."""
# naive: no verdict


def double(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
