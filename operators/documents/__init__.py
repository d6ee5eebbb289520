"""Operators of documents: files of many formats to text, and what to keep of them."""
