"""Solutions: written, compared with gold answers, voted on, checked and counted."""
