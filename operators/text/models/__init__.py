"""Scores by small models: a card says which weights and how to read them, the classes say which columns. Extra: [models]."""
