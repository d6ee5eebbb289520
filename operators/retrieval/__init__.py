"""What operators see of retrieval: queries, passages, and the protocol that retrievers keep."""
