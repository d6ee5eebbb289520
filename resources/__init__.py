"""What a run is given: the warehouse, language models, databases. Each implements a protocol that `operators.core` declares."""
