"""Questions for queries: written, rephrased, compared with what they ask for."""
