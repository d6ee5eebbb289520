"""What runs inside the sandbox, with nothing of the project but this folder: Python's standard library is all that it imports."""
