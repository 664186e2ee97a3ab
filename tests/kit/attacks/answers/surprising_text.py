"""Returns and raises text with lone surrogates, null bytes and more digits than Python converts."""


def double(x):
    if x == 3.0:
        return "\ud800\x00" * 1000
    raise ValueError("\udfff\x00" + "9" * 10_000)
