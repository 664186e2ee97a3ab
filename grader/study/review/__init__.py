"""`grader review`: what has passed comes back after days, as a question, or as a function to write from memory."""
