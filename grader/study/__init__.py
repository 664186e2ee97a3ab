"""A learner's progress through the course: how it is saved, and the commands that use it.

`folder` and `state` save it, `record` adds the results of checks, `progress` works out the status of each exercise,
`work` goes back to stubs and to code that passed, `hints` and `solution` show hints and solutions. Nothing here
imports torch, so these commands start at once.
"""
