"""A grammar over the schema of a database: queries that run, each with a question in plain English that means the same. No language model."""
