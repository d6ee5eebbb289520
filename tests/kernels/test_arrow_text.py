"""How the kernels are given Arrow text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from operators.kernels.arrow_text import TextSpans


def test_bytes_are_read_only_whoever_made_them_so_that_kernels_are_compiled_once() -> None:
    made = pa.array(["one", "two"])
    mutable = pa.allocate_buffer(6)
    np.frombuffer(mutable, np.uint8)[:] = np.frombuffer(b"onetwo", np.uint8)
    given = pa.StringArray.from_buffers(2, made.buffers()[1], mutable)
    assert mutable.is_mutable
    assert not TextSpans.of(given).data.flags.writeable
    assert not TextSpans.of(made).data.flags.writeable
    assert bytes(TextSpans.of(given).data) == b"onetwo"
