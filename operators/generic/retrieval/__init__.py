"""Passages that answer questions, found in a table or by a retriever."""
