"""Which programming language a file is in, and whether it is a program of it."""
