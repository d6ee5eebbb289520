"""Training data for text-to-SQL: queries that run, questions that mean the same, and what tells near misses apart."""
