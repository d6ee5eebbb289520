"""How good a model is at a benchmark: questions read as they are published, answered, scored, and told with their uncertainty."""
