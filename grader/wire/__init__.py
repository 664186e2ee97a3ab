"""The protocol between the grader and a learner's process: plain data, requests and replies, and their encoding."""
