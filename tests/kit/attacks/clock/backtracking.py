"""Has a regular expression backtrack for ages."""
# naive: no verdict
import re


def double(x):
    return re.match("(a+)+$", "a" * 60 + "b")
