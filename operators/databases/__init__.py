"""What operators see of databases: their schemas, what a statement came to, and the protocol that resources keep."""
