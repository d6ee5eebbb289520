"""A process that runs statements on rows, one after the other. `running` starts it and ends it."""

from __future__ import annotations

import resource
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from operators.engine.processes import serve
from operators.generic.sql.engine import ROWS, connect, in_one_line

_MEGABYTE: Final = 1024**2
_BESIDE_MB: Final = 512
"""Memory for the rows as Arrow and for what comes back, beside that of DuckDB."""
_STATISTICS: Final = Path("/proc/self/statm")


def answer(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result in the file `made`; or why there is none."""
    import duckdb

    _limit_memory(message["memory_mb"])
    connection = connect(message["memory_mb"])
    timer = threading.Timer(message["seconds"], connection.interrupt)
    timer.daemon = True
    try:
        with pa.OSFile(message["rows"]) as file, pa.ipc.open_file(file) as rows:
            connection.register(ROWS, rows.read_all())
        timer.start()
        made = connection.sql(message["query"]).to_arrow_table()
        with pa.OSFile(message["made"], "wb") as file, pa.ipc.new_file(file, made.schema) as writer:
            writer.write_table(made)
    except duckdb.InterruptException:
        return {"over": True}
    except duckdb.Error as error:
        return {"error": in_one_line(str(error))}
    except (MemoryError, pa.ArrowMemoryError):
        return {"error": "the memory is not enough"}
    except UnicodeDecodeError as error:
        return {"error": f"a text of the result is not valid: {error}"}
    finally:
        timer.cancel()
        connection.close()
    return {}


def _limit_memory(memory_mb: int) -> None:
    """Of this process, where the system says how much it has now: a single value is not counted by DuckDB's own limit."""
    if _STATISTICS.is_file():
        now = int(_STATISTICS.read_text().split()[0]) * resource.getpagesize()
        most = now + (memory_mb + _BESIDE_MB) * _MEGABYTE
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def main() -> None:
    connect(64).close()  # loads DuckDB before the first question
    serve(answer)


if __name__ == "__main__":
    main()
