"""Returns objects of classes whose names are orders to a terminal, very long, or no text at all."""


class Name(str):
    def __str__(self):
        raise RuntimeError

    def __getitem__(self, key):
        return self


def double(x):
    kind = type("\x1b[2J\n<b>" * 10_000, (), {})
    kind.__module__ = Name("\x1b[2J") if x == 3.0 else 7
    return kind()
