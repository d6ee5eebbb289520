"""What a user may set about a model, and the servers that are known by name."""
