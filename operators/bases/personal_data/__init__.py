"""What is found of people and their keys in a text, and where."""
