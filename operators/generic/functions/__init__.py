"""A Python function of your own as a stage, by its name."""
