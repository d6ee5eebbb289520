"""A warehouse on an object store: Parquet files, manifests, and a pointer that is replaced on condition that nobody else did."""
