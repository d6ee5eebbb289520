"""Running one operator over tables: batches, calls, failed rows, promises, reports."""
