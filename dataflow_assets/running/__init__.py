"""A plan's stages on the warehouse, without Dagster: the one path of `dataflow run`, the Python API and the assets."""
