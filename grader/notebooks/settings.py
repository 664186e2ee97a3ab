"""The settings that nbgrader needs for the notebooks of a course."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CONFIG = "nbgrader_config.py"


def configure(c: Any, course_file: str, course_id: str, root: Path) -> None:
    """Set nbgrader up; a course's own settings go below the call.

    Args:
        c: nbgrader's configuration object.
        course_file: the path of course.yaml.
        course_id: the course's name in the exchange.
        root: the folder of the nbgrader course.
    """
    from nbgrader.preprocessors import (
        AssignLatePenalties,
        CheckCellMetadata,
        ClearHiddenTests,
        ClearMarkScheme,
        ClearOutput,
        ComputeChecksums,
        DeduplicateIds,
        IgnorePattern,
        IncludeHeaderFooter,
        InstantiateTests,
        LimitOutput,
        LockCells,
        OverwriteKernelspec,
        SaveCells,
    )

    from grader.notebooks.at_once import CheckMetadataOnce, OverwriteAtOnce, SaveAtOnce
    from grader.notebooks.exporter import configure_page
    from grader.notebooks.grades import GradesTable
    from grader.notebooks.preprocess import ClearToStub, GradeInSandbox, RepairCells

    c.CourseDirectory.course_id = course_id
    c.CourseDirectory.root = str(root.resolve())
    c.CoursePreprocessor.course_file = course_file
    # Validate a notebook once at the end, not after each step, which took a tenth of the time.
    c.Exporter.optimistic_validation = True
    c.GenerateAssignment.preprocessors = [
        IncludeHeaderFooter,
        InstantiateTests,
        LockCells,
        ClearToStub,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        SaveCells,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
    ]
    c.Autograde.sanitize_preprocessors = [
        ClearOutput,
        RepairCells,
        DeduplicateIds,
        OverwriteKernelspec,
        OverwriteAtOnce,
        CheckMetadataOnce,
    ]
    c.Autograde.autograde_preprocessors = [
        GradeInSandbox,
        IgnorePattern,
        LimitOutput,
        SaveAtOnce,
        AssignLatePenalties,
        CheckMetadataOnce,
    ]
    c.ExportApp.plugin_class = GradesTable
    configure_page(c)
