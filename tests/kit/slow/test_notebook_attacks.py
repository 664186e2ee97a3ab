"""The attacks, handed in as notebooks: what is true for modules is true for modules made from cells."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from grader.course import Course
from grader.grading import read_notebook
from grader.grading.intake import take_in
from grader.sandbox.launch import Sandbox
from tests.kit import test_attacks as attacks


def in_a_notebook(course: Course, attack: attacks.Attack, folder: Path) -> attacks.Attack:
    """Write an attack into a notebook, and return what intake makes of it."""
    cell = {"cell_type": "code", "source": attack.source, "metadata": {}, "outputs": []}
    folder.mkdir(parents=True)
    (folder / f"{attack.exercise}.ipynb").write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}))
    assert read_notebook((folder / f"{attack.exercise}.ipynb").read_bytes()).cells
    source = take_in(folder, course).sources[attack.exercise].decode()
    return dataclasses.replace(attack, source=source)


@pytest.fixture(scope="module")
def notebook_run(sandbox: Sandbox, course: Course, tmp_path_factory: pytest.TempPathFactory) -> attacks.Run:
    """Grade every attack on a real exercise as a notebook, with honest submissions around it."""
    folder = tmp_path_factory.mktemp("notebooks")
    made = [in_a_notebook(course, attack, folder / "given" / attack.name) for attack in attacks.REAL]
    honest = {n: (course.solutions / f"{n}.py").read_text("utf-8") for n in ("layer_norm", "causal_attention")}
    return attacks._grade(course, made, honest, folder)


@pytest.mark.parametrize(
    "promise",
    [
        attacks.test_no_attack_gets_full_marks,
        attacks.test_no_attack_finds_a_secret,
        attacks.test_no_attack_gets_out_of_the_sandbox,
        attacks.test_other_submissions_keep_their_scores,
        attacks.test_the_run_is_complete,
        attacks.test_the_machine_is_clean,
        attacks.test_no_report_carries_orders_to_a_terminal,
    ],
    ids=lambda promise: promise.__name__,
)
def test_every_promise_holds_for_notebooks_too(notebook_run: attacks.Run, promise: object) -> None:
    """Full marks, secrets, the sandbox, other submissions, the run itself, the machine and the reports are safe."""
    assert callable(promise)
    promise(notebook_run)
