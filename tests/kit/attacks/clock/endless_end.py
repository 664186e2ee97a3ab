"""Holds the interpreter up when objects go and when the process ends."""
# naive: no verdict
import atexit
import threading
import time


class Clinging:
    def __del__(self):
        while True:
            try:
                time.sleep(3600)
            except BaseException:
                pass


thread = threading.Thread(target=time.sleep, args=(3600,))
thread.start()
atexit.register(time.sleep, 3600)


def double(x):
    Clinging()
    return 0.0
