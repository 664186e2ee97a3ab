"""Returns a pickle that runs a command when it is read, as bytes and as an object."""
import os
import pickle


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/gptwb-mark-pickle",)


def double(x):
    return pickle.dumps(Bomb()) if x == 3.0 else Bomb()
