"""Data sets in the layouts that trainers read, with splits that do not leak."""

from dataflow_assets.running.formats.settings import DatasetSettings, dataset_settings
from dataflow_assets.running.formats.writing import FORMATS, Written, check_dataset, write_dataset

__all__ = ["FORMATS", "DatasetSettings", "Written", "check_dataset", "dataset_settings", "write_dataset"]
