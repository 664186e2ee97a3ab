"""How long a class takes, compared with a pytest per submission, nbgrader, otter and the floor, all in one run.

    python -m benchmarks.speed [--sizes 10 100 1000] [--peers 12] [--exercise layer_norm] [--figure docs/speed.svg]

There are two classes. In the hard one, which comes first, every submission is wrong, and each in another way. The usual
one consists of correct answers in several styles, mistakes from the catalog and untouched stubs; no two files are
alike, but many answer alike. The floor runs the same checks on one submission after another, in one process without a
sandbox. Its time is divided by the number of cores, as if spreading the work cost nothing. pytest runs once per
submission, one per core at a time. Stock nbgrader starts a kernel for each notebook. It runs only the visible checks,
and so does otter-grader (`benchmarks.otter`). With `--before`, an earlier version of this project grades the hard class
in the same run.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.nbgrader import stock_and_ours
from benchmarks.otter import by_otter, otter
from grader.course import Course, load_course
from grader.course.mistakes import misconceptions, with_misconception

ROOT = Path(__file__).resolve().parents[1]
CORES = os.cpu_count() or 1
RIGHT_SHARE = 3
"""This many of every four submissions of the usual class are correct, as before a deadline."""
OUTSIDE = ROOT / "tests" / "kit" / "outside" / "fifth"
"""Wrong programs that were written from the contract alone, each with another mistake."""
HARD, USUAL = "hard", "usual"


def hard_texts(exercise: str) -> list[str]:
    """Return programs that are all wrong, each in another way."""
    return [path.read_text(encoding="utf-8") for path in sorted((OUTSIDE / exercise).glob("*.py"))]


def usual_texts(course: Course, exercise: str) -> Iterator[str]:
    """Yield texts for a class of any size: correct answers, then a mistake or a stub, no two files alike."""
    right = [(course.solutions / f"{exercise}.py").read_text(encoding="utf-8")]
    right += [path.read_text(encoding="utf-8") for path in sorted((course.styles / exercise).glob("*.py"))]
    wrong = [with_misconception(course, exercise, mistake) for mistake in misconceptions(course, exercise)]
    wrong.append((course.stubs / f"{exercise}.py").read_text(encoding="utf-8"))
    rights, wrongs = itertools.cycle(right), itertools.cycle(wrong)
    for number in itertools.count():
        text = next(wrongs) if number % (RIGHT_SHARE + 1) == RIGHT_SHARE else next(rights)
        yield f"{text}\n\n# Handed in by student {number}.\n"


def write_class(texts: Iterable[str], exercise: str, folder: Path) -> None:
    """Write submissions, each in its own folder."""
    for number, text in enumerate(texts):
        student = folder / f"student-{number:04}"
        student.mkdir(parents=True)
        (student / f"{exercise}.py").write_text(text, encoding="utf-8")


def timed(*command: str, fails: bool = False, root: Path = ROOT) -> float:
    """Run a command in the project's folder, or in that of another version; return its wall time in seconds."""
    start = time.perf_counter()
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if result.returncode and not fails:
        raise SystemExit(f"{' '.join(command)} failed:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    return time.perf_counter() - start


KINDS = {b"multiprocessing.forkserver": "grader process", b"sandbox.fork_server": "worker"}
"""Part of the command of each process that imports everything once and forks, and what its forks are called."""


@dataclass
class Memory:
    """The most memory, in MiB, that one fork of each kind had for itself, not shared, while a command ran."""

    most: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS.values(), 0.0))
    _stop: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Keep looking at the processes until `stop` is called."""
        while not self._stop.wait(0.5):
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    parent = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
                    commands = [(process / "cmdline").read_bytes() for process in (folder, folder.parent / parent)]
                    rows = (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()
                except OSError:
                    continue
                private = sum(int(row.split()[1]) for row in rows if row.startswith(("Private_Clean", "Private_Dirty")))
                for words, kind in KINDS.items():
                    # The process that forks doesn't count: it shares its imports only from its first fork on. Neither
                    # does bubblewrap, whose command contains the same words.
                    if all(words in command and b"--unshare" not in command for command in commands):
                        self.most[kind] = max(self.most[kind], private / 1024)

    def stop(self) -> None:
        self._stop.set()


def by_us(folder: Path, out: Path, before: Path | None = None) -> float:
    """Grade a class with `grader grade`, of another version if its folder is given; return the seconds."""
    python = sys.executable if before is None else str(before / ".venv" / "bin" / "python")
    command = [python, "-m", "grader", "grade", str(folder), "--out", str(out), "--quiet", "--require-sandbox"]
    return timed(*command, root=before or ROOT)


def memory_of_ours(folder: Path, out: Path) -> Memory:
    """Grade a class and return the memory used; not timed, because watching takes a tenth of a core."""
    memory = Memory()
    watcher = threading.Thread(target=memory.watch)
    watcher.start()
    try:
        by_us(folder, out)
    finally:
        memory.stop()
        watcher.join()
    return memory


def by_pytest(folder: Path, exercise: str) -> float:
    """Run pytest for each submission, one per core at a time; return the seconds."""
    files = [f"tests/{visibility}/test_{exercise}.py" for visibility in ("visible", "hidden")]

    def grade(submission: Path) -> None:
        timed(sys.executable, "-m", "pytest", "-q", "--submission", str(submission), *files, fails=True)

    start = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(grade, sorted(folder.iterdir())))
    return time.perf_counter() - start


FLOOR = """
import sys, time
from pathlib import Path
import torch
from grader.checks.runner import Runner
from grader.checks.under_test import SubmissionUnderTest
from grader.course import load_course

torch.set_num_threads(1)
course, exercise, folder = load_course(Path("course.yaml")), sys.argv[1], Path(sys.argv[2])
checks = course.by_id[exercise].checks
under_test = SubmissionUnderTest(course)
with Runner(course, under_test, checks) as runner:
    start = time.perf_counter()
    for submission in sorted(folder.iterdir()):
        under_test.load({exercise: submission / f"{exercise}.py"})
        for check in checks:
            runner.run(check)
    print(time.perf_counter() - start)
"""


def floor(folder: Path, exercise: str) -> float:
    """Run the checks on all submissions in one process without a sandbox; return the seconds after it has started."""
    result = subprocess.run(
        [sys.executable, "-c", FLOOR, exercise, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(result.stdout.splitlines()[-1]) / CORES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--peers", type=int, default=12, help="how many submissions the slow graders get")
    parser.add_argument("--floor", type=int, default=100, help="how many submissions the floor gets")
    parser.add_argument("--watched", type=int, default=60, help="how many submissions to grade while watching memory")
    parser.add_argument("--exercise", default="layer_norm")
    parser.add_argument("--before", type=Path, help="the folder of an earlier version, with its own .venv")
    parser.add_argument("--figure", type=Path, help="write the bars to this file")
    options = parser.parse_args()
    course = load_course(ROOT / "course.yaml")
    each: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hard = hard_texts(options.exercise)
        each[HARD] = measured(options, HARD, hard, [len(hard)], folder / HARD)
        if options.before:
            classes = folder / HARD
            seconds = by_us(classes / f"class-{len(hard)}", classes / "out-before", options.before.resolve())
            each[HARD]["ours before"] = seconds / len(hard)
        usual = list(itertools.islice(usual_texts(course, options.exercise), max(options.sizes)))
        each[USUAL] = measured(options, USUAL, usual, options.sizes, folder / USUAL)
        # How long these two take hardly depends on the answers.
        peers: dict[str, float] = {}
        peers["stock nbgrader"], _ = stock_and_ours(course, options.exercise, options.peers, folder / "nbgrader")
        if otter() is None:
            print("otter-grader is left out because it isn't installed: pip install -e '.[peers]'")
        else:
            peers["otter-grader"] = by_otter(course, options.exercise, folder / "nbgrader" / "ours", folder / "otter")
        shutil.rmtree(folder, ignore_errors=True)
    for kind in (HARD, USUAL):
        each[kind] |= peers
        print(
            f"{kind} class: wall time per submission of {options.exercise}, {CORES} cores, and as a multiple of ours:"
        )
        for name, seconds in each[kind].items():
            print(f"  {name:16} {seconds:7.3f} s {seconds / each[kind]['ours']:6.1f} times ours")
    each[HARD].pop("ours before", None)
    if options.figure:
        draw(each, options.exercise, options.figure)


def measured(
    options: argparse.Namespace, kind: str, texts: list[str], sizes: Iterable[int], folder: Path
) -> dict[str, float]:
    """Grade a class with the grader, the floor and pytest; return the seconds per submission.

    Args:
        options: the command's arguments.
        kind: what the class is called.
        texts: the submissions.
        sizes: how many of them the grader gets; the last number counts.
        folder: where they are written.
    """
    exercise, each = options.exercise, dict[str, float]()
    for size in sizes:
        write_class(texts[:size], exercise, folder / f"class-{size}")
        seconds = by_us(folder / f"class-{size}", folder / f"out-{size}")
        each["ours"] = seconds / size
        print(f"{kind} class, {size:5} submissions: {seconds:7.1f} s, {each['ours']:.3f} s each", flush=True)
    write_class(texts[: options.watched], exercise, folder / "watched")
    memory = memory_of_ours(folder / "watched", folder / "out-watched")
    peaks = ", ".join(f"{mib:.0f} MiB per {kind}" for kind, mib in memory.most.items())
    print(f"  most memory that isn't shared: {peaks}", flush=True)
    write_class(texts[: options.floor], exercise, folder / "floor")
    each["the floor"] = floor(folder / "floor", exercise) / len(texts[: options.floor])
    write_class(texts[:: max(1, len(texts) // options.peers)][: options.peers], exercise, folder / "peers")
    each["pytest for each"] = by_pytest(folder / "peers", exercise) / options.peers
    return each


def draw(each: dict[str, dict[str, float]], exercise: str, path: Path) -> None:
    """Draw the seconds for both classes as bars, the fastest on top."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "speed"
    from matplotlib import pyplot

    titles = {HARD: "every answer wrong in its own way", USUAL: "three quarters right, 32 mistakes"}
    figure, both = pyplot.subplots(2, 1, figsize=(7.5, 4.6), sharex=True)
    for axes, (kind, seconds) in zip(both, each.items(), strict=True):
        names = sorted(seconds, key=lambda name: seconds[name], reverse=True)
        colors = ["#bbbbbb" if name != "ours" else "#0072b2" for name in names]
        bars = axes.barh(names, [seconds[name] for name in names], color=colors)
        axes.bar_label(bars, [f" {seconds[name]:.2f} s" for name in names])
        axes.set_title(titles[kind], fontsize="medium", loc="left")
        axes.margins(x=0.15)
        axes.spines[["top", "right"]].set_visible(False)
    both[-1].set_xlabel(f"seconds per submission of {exercise}, {CORES} cores")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
