"""What a Dagster instance of this project is made of; dagster.yaml names it."""

from dataflow_assets.instance.sqlite_storage import SqliteStorage

__all__ = ["SqliteStorage"]
