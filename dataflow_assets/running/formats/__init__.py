"""Data sets in the layouts that trainers read, with splits that do not leak."""

from dataflow_assets.running.formats.settings import DatasetSettings, dataset_settings
from dataflow_assets.running.formats.writing import FORMATS, check_dataset, write_dataset
from dataflow_assets.running.formats.written import Written

__all__ = ["FORMATS", "DatasetSettings", "Written", "check_dataset", "dataset_settings", "write_dataset"]
