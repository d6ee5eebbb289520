"""Exports to Delta Lake in a bucket of a real S3 server."""

from __future__ import annotations

import pyarrow as pa
import pytest

from dataflow_assets.running.formats import DatasetSettings, write_dataset
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage

ROWS = pa.table({"row_id": ["a", "b"], "text": ["One.", "Two."]})


def test_a_table_in_a_bucket_has_versions_and_is_written_by_one_pipeline_alone(address: str) -> None:
    deltalake = pytest.importorskip("deltalake")
    settings = DatasetSettings.model_validate({"format": "delta", "path": f"{address}/texts"})
    for rows in (ROWS, ROWS.slice(1)):
        written = write_dataset(MemoryStorage(rows), settings, "texts", lambda written: {"README.md": "is not written"})
    assert written.files == ["_delta_log/00000000000000000001.json"]
    options = {"aws_allow_http": "true"}
    assert deltalake.DeltaTable(settings.path, storage_options=options).to_pyarrow_table().to_pylist() == [{"text": "Two."}]
    assert deltalake.DeltaTable(settings.path, version=0, storage_options=options).to_pyarrow_table().num_rows == 2
    with pytest.raises(ParameterError, match="a Delta table that the pipeline texts wrote"):
        write_dataset(MemoryStorage(ROWS), settings, "letters", lambda written: {})


def test_an_address_that_cannot_be_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("deltalake")
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    settings = DatasetSettings.model_validate({"format": "delta", "path": "s3://nowhere/texts"})
    with pytest.raises(ParameterError, match="s3://nowhere/texts cannot be written"):
        write_dataset(MemoryStorage(ROWS), settings, "texts", lambda written: {})
