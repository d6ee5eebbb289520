"""DuckDB's SQL over the rows of a table: columns, filters, rewritten columns, and rows made of rows, as plain data.

DuckDB is an engine here and no database: it runs in memory, on rows that it is handed, and reaches no file and no network.
"""
