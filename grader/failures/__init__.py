"""The report of a check that failed: as data, as the part that a student may see, and as text.

`rows` defines the data, `visible_to_student` decides what a student may see, and `as_text` and `as_notebook` turn that
into lines. Until it reaches one of those two, a failure is made of rows and mistakes, never of text.
"""
