"""Making questions with their evidence: atomic, chained, compared, joined."""
