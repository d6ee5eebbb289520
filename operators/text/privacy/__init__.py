"""Personal data: find it, measure it, take it out."""
