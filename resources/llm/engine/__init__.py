"""One engine for every backend: limits, retries, hedging, order, counting."""
