"""JSON and JSON lines, with exact types."""
