"""Raises an exception whose class lies about its name, text and bases."""


class Meta(type):
    @property
    def __name__(cls):
        return "Passed"

    def mro(cls):
        return [cls, *Exception.__mro__]


class Odd(Exception, metaclass=Meta):
    def __str__(self):
        raise KeyboardInterrupt

    def __repr__(self):
        return "passed"


def double(x):
    raise Odd
