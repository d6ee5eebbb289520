"""Queries that provably have the same answer on all rows that keep the keys which a schema declares."""

from operators.text2sql.proofs.rules import mean_the_same

__all__ = ["mean_the_same"]
