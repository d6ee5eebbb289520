"""Final answers: where they stand in a solution, what they say, and whether two of them say the same."""
