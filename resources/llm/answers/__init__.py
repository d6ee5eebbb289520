"""What comes back from a server, and answers that were already paid for."""
