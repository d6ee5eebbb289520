"""Facts of a text that a rewriting must keep: numbers with their units, dates, names, negations."""
