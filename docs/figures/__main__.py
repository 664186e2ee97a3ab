"""Redraw the figures of the lessons: `python -m docs.figures` (or `make figures`)."""

from pathlib import Path

from grader.authoring.figures import all_figures
from grader.course import find_course, load_course

if __name__ == "__main__":
    for figure in all_figures(load_course(find_course(Path(__file__).parent))):
        figure.write()
        print(f"Written: {figure.path} and its PNG")
