"""Making instructions, solutions and tests with a language model."""
