"""Bringing files from elsewhere: resumable, checked by their digest, one process at a time. What is fetched, resources.models and .datasets know."""
