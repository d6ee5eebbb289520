"""Operators for any table, whatever the domain: selection, prompts of your own, joins."""
