"""Clean: repair, mark-up, spaces, lines and parts that do not belong to a text."""
