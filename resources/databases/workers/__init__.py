"""Queries run in processes of their own: such a process has a memory limit, holds no secrets, can be killed, and takes nothing else along when it dies."""
