"""Returns nothing and raises an exception whose text never comes."""


class Slow(Exception):
    def __str__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass


def double(x):
    raise Slow
