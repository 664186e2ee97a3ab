"""What students get: a copy of a course without solutions, hidden checks, and edits; every file is on an allow list."""
