"""Queries run in processes of their own: one has a memory limit, can be killed, and takes nothing else along when it dies."""
