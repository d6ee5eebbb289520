"""Whether a question holds: its evidence, its wording, and what is needed to answer it."""
