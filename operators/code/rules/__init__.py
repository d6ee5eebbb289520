"""Rules: keep or drop source files by counting."""
