"""What a stage did, told to people: lines, Markdown, pictures and pages. Knows nothing of Dagster or of the command line."""
