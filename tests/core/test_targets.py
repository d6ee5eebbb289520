"""Where results are written."""

from pathlib import Path

import pyarrow as pa
import pytest

from operators.core.targets import as_target, check_places
from operators.tables.errors import ParameterError
from operators.tables.files import FileStorage

TABLE = pa.table({"text": ["one", "two"]})


def test_a_result_is_not_written_over_what_is_read_nor_over_another(tmp_path: Path) -> None:
    source = FileStorage(tmp_path / "rows.jsonl")
    source.write(TABLE)
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "rows.jsonl")
    with pytest.raises(ParameterError, match="is read as the input"):
        check_places([source], {"output": as_target(tmp_path / "link.jsonl")})
    with pytest.raises(ParameterError, match="is the same file as output"):
        check_places([source], {"output": as_target(tmp_path / "a.csv"), "rejected": as_target(str(tmp_path / "." / "a.csv"))})
    check_places([source], {"output": as_target(tmp_path / "a.csv"), "rejected": None})


def test_a_target_is_a_path_of_a_known_format_or_a_storage(tmp_path: Path) -> None:
    target = as_target(tmp_path / "new" / "kept.parquet")
    assert isinstance(target, FileStorage)
    target.write(TABLE)
    target.write(TABLE)  # replaced, as a cell that is run again does
    for wrong in ("kept.foo", 7):
        with pytest.raises(ParameterError):
            as_target(wrong)  # type: ignore[arg-type]
