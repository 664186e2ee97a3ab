"""Taking the legs of a training that remain: each is saved, and a bar shows how far it is."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

from capstone import folder as files
from capstone.folder import Run
from capstone.milestones import say
from capstone.training import Legs
from grader.study.capstone import CapstoneOptions


def take_legs(run: Run, training: Legs[Any], order: CapstoneOptions, what: str, status: Callable[[], str]) -> None:
    """Take all remaining legs, and save the run after each.

    Args:
        run: where the run is saved.
        training: what to continue.
        order: the user's options.
        what: a word for the bar.
        status: says how good the model is.
    """
    if run.resume(training.restore):
        say(order.console, f"Continuing after step {training.steps}.")
        _log(run, training)
    with progress_bar(order) as bar:
        task = bar.add_task(what, total=training.plan.steps, status=status())
        bar.update(task, completed=training.steps)
        while training.leg < training.plan.legs:
            training.run_leg(lambda: bar.advance(task))
            if order.minutes is not None and training.leg == 1:
                training.fit_into(60 * order.minutes)
            run.save(training.state(), training.save)
            _log(run, training)
            run.write(files.PRINTED, training.printed)
            bar.update(task, total=training.plan.steps, completed=training.steps, status=status())
            tenth = max(1, training.plan.legs // 10)
            if not order.progress.is_terminal and (training.leg % tenth == 0 or training.leg == training.plan.legs):
                say(order.progress, f"step {training.curve[-1].step} of {training.plan.steps}: {status()}")


def progress_bar(order: CapstoneOptions) -> Progress:
    """Make a bar that disappears at the end."""
    columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn(16), MofNCompleteColumn()]
    columns += [TextColumn("{task.fields[status]}"), TimeRemainingColumn()]
    console = order.progress
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _log(run: Run, training: Legs[Any]) -> None:
    lines = [json.dumps(dataclasses.asdict(point)) for point in training.curve]
    run.write(files.LOG, "\n".join(lines) + "\n")
