"""Operators of programs: rules and languages of source files, instructions and solutions, tests that prove them."""
