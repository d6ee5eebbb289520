"""Where the tables of all stages live: one immutable DuckDB file a version, an atomic pointer, any number of readers and writers."""

from resources.warehouse.collection import Collected
from resources.warehouse.errors import TableNotFound, UnstorableColumn, WarehouseError
from resources.warehouse.gathered import GatheredStorage
from resources.warehouse.storage import VersionStorage, WarehouseStorage
from resources.warehouse.warehouse import Warehouse, open_location, warehouse_root
from resources.warehouse.writer import VersionWriter

__all__ = [
    "Collected",
    "GatheredStorage",
    "TableNotFound",
    "UnstorableColumn",
    "VersionStorage",
    "VersionWriter",
    "Warehouse",
    "WarehouseError",
    "WarehouseStorage",
    "open_location",
    "warehouse_root",
]
