"""Where operators and resources meet Dagster."""
