"""Rules: keep or drop texts by counting, as the published rule sets do."""
