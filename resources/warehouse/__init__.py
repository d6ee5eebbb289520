"""Where the tables of all stages live: immutable versions, an atomic pointer, any number of readers and writers; in a folder or a bucket."""

from resources.warehouse.addresses import local_folder, warehouse_root
from resources.warehouse.collected import Collected
from resources.warehouse.errors import TableNotFound, UnstorableColumn, WarehouseError
from resources.warehouse.gathered import GatheredStorage
from resources.warehouse.storage import VersionStorage, WarehouseStorage
from resources.warehouse.warehouse import Warehouse, open_location
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
    "local_folder",
    "open_location",
    "warehouse_root",
]
