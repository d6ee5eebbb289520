"""Operators for any table, whatever the domain."""
