"""Under which licence a file stands."""
