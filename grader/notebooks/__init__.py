"""Exercises as notebooks, and their way through nbgrader."""
