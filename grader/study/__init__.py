"""What the grader remembers of a learner's way through the course, and what it does with it.

`folder` and `state` say where it is kept, `record` writes down what checks found, `ladder` says how the exercises
stand, `work` goes back to stubs and to code that passed, `hints` and `answers` help on. No torch in here: these
commands start at once.
"""
