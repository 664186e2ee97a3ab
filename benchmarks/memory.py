"""How much memory grader processes and workers need for themselves, in a class in which all submissions differ.

    python -m benchmarks.memory [--count 1000] [--every 60]

The submissions are of layer_norm. Each is one of the wrong programs of the hard class (`benchmarks.speed`) whose output
is also off by a number of its own, so no two of them answer alike. Prints the most memory that a process of each kind
had for itself, not shared, since the row before. If that stays the same from some row on, it is bounded.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from benchmarks.speed import Memory, by_us, hard_texts, write_class

OFF_BY = """

_forward = LayerNorm.forward
LayerNorm.forward = lambda self, x: _forward(self, x) + {}
"""


def differing_texts() -> Iterator[str]:
    """Yield programs of which no two answer alike."""
    for number, text in enumerate(itertools.cycle(hard_texts("layer_norm")), 1):
        yield text + OFF_BY.format(number / 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two rows")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_class(itertools.islice(differing_texts(), options.count), "layer_norm", folder / "class")
        memory = Memory()
        watching = threading.Thread(target=memory.watch)
        start = time.monotonic()
        watching.start()
        try:
            with ThreadPoolExecutor(1) as pool:
                grading = pool.submit(by_us, folder / "class", folder / "out")
                while not grading.done():
                    wait([grading], options.every)
                    most = ", ".join(f"{mib:.0f} MiB per {kind}" for kind, mib in memory.most.items())
                    print(f"{time.monotonic() - start:6.0f} s: at most {most}", flush=True)
                    memory.most = dict.fromkeys(memory.most, 0.0)
            grading.result()
        finally:
            memory.stop()
            watching.join()
        print(f"{(time.monotonic() - start) / options.count:.2f} s each")


if __name__ == "__main__":
    main()
