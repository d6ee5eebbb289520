"""Conversations: converted, checked, rendered, taken apart, and each turn of them filtered or refined."""
