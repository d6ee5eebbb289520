"""What starts runs by itself, and what tells when one failed."""
