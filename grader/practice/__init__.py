"""Practice without writing code: questions about what code answers, and reviews after days."""
