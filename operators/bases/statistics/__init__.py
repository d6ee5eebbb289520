"""Rules that count: what statistics they share, and how a rule says why it dropped a text."""
