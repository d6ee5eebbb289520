"""CSV and TSV, with exact types."""
