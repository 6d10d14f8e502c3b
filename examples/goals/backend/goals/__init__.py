"""The goals app's backend: a list of goals in PostgreSQL, behind HTTP on port 8000."""
