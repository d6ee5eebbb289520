"""Functions that an assistant may call."""
