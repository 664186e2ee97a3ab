"""What platforms need to check work themselves: an autograder for Gradescope, and a workflow for GitHub."""
