"""A second way to an answer: programs that compute it, run in a sandbox."""
