"""Numbers of identity documents, of about sixty kinds: what they look like, and how each proves itself."""
