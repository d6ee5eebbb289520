"""Models that run in this process: weights, batches by length, numbers of texts."""
