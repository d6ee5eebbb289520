"""Labels by classifiers: fastText files, and published models by their cards."""
