"""Nobody imports this file."""
