"""Saves are checked at once: a warm process has imported and collected everything, and waits for the next one.

`messages` is what goes between the two processes, `worker` the one that runs the checks, `warm` keeps such a one alive,
`session` follows the files and decides what is checked, `screen` shows it. Only the worker imports torch.
"""
