"""Selection: by a score, by rank, at random."""
