"""Rows and where they lie: types, columns, errors, storage, row ids, files. Knows nothing of operators."""
