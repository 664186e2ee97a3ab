"""Answers differently each time, so that a failing example cannot be shown a second time."""
count = 0


def double(x):
    global count
    count += 1
    return float(count % 3)
