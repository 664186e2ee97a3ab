"""The far side: the process that holds the learner's objects, and answers what it is asked with plain data."""
