"""Pretends to be NumPy's float64, whose `item()` our side calls, and answers `item()` with a liar."""
# naive: full marks


class Liar(float):
    def __eq__(self, other):
        return True


class float64:
    def item(self):
        return Liar(1.0)

    def __eq__(self, other):
        return True


float64.__module__ = "numpy"


def double(x):
    return float64()
