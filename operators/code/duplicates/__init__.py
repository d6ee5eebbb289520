"""Keep one of several like source files."""
