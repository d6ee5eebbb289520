"""Tokens, as models count them."""
