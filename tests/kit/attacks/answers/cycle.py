"""Returns a list that holds itself, and a dict that does."""


def double(x):
    ring = []
    ring.append(ring)
    table = {"again": ring}
    table["self"] = table
    return [ring, table]
