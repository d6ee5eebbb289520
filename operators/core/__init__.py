"""The abstractions: small files, one idea each, readable in half an hour. Start with `operator`, `kinds`, `pipeline`."""
