"""The far side of the port: it runs the learner's code, and answers requests with plain data."""
