"""What is said of a check that did not pass: as data, what a student may see of it, and how it reads.

`rows` holds the data, `visible_to_student` decides what a student may see, `as_text` and `as_notebook` make lines of
it. Between the check that fails and one of the last two, everything is a row or a mistake, never a text.
"""
